#include "schema/view/docker_proxy.h"

#include <catch2/catch.hpp>

#include "schema/view/services.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace std::string_literals;
using schema::parse_docker_proxy;

namespace {

const std::string kLine =
    "/usr/bin/docker-proxy\0-proto\0tcp\0-host-ip\0"
    "0.0.0.0\0-host-port\0"
    "8080\0-container-ip\0"
    "172.17.0.2\0-container-port\0"
    "80\0"s;

}  // namespace

TEST_CASE("where docker-proxy forwards to") {
  const auto found = parse_docker_proxy(kLine);
  REQUIRE(found);
  CHECK(found->address.text() == "172.17.0.2");
  CHECK(found->port == schema::Port(80));
  for (const std::string& line : {""s,
                                  "docker-proxy\0"s,
                                  "-container-ip\0"s,
                                  "-container-ip\0x\0-container-port\0"
                                  "80\0"s,
                                  "-container-ip\0"
                                  "1.2.3.4\0-container-port\0"
                                  "70000\0"s,
                                  "-container-ip\0"
                                  "1.2.3.4\0"s}) {
    CHECK_FALSE(parse_docker_proxy(line));
  }
}

TEST_CASE("the container behind docker-proxy is the one that has the address") {
  test::Scene scene;
  const auto proxy = scene.process("docker-proxy", 700, "/usr/bin/docker-proxy");
  scene.at(proxy).command_line = kLine;
  scene.hold(scene.socket(schema::Protocol::Tcp, "0.0.0.0 8080"), proxy, 4);
  const auto forwards_to = [&] {
    return schema::collect_services(schema::SnapshotView(scene.snapshot), {})
        .services[0]
        .owners[0]
        .forwards_to;
  };
  CHECK(forwards_to() == "172.17.0.2:80");
  const auto inside = scene.netns("container 4f1c2d3e");
  const auto peer = scene.socket(schema::Protocol::Tcp, "172.17.0.2 80", "172.17.0.1 40000");
  scene.at(peer).netns = inside;
  CHECK(forwards_to() == "172.17.0.2:80 in container 4f1c2d3e");
}

}  // namespace sockwitness
