// What a baseline excuses, and what it accuses.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using test::RuleScene;

namespace {

// A host that answers at one port, and the baseline of it.
struct Host {
  Host(std::string_view path,
       std::initializer_list<std::string_view> arguments,
       std::string_view end)
      : process(scene.run_unowned(path, arguments)), socket(scene.listen(process, 3, end)) {
    take_baseline();
  }
  void take_baseline() {
    schema::Service service;
    const schema::Socket& listener = scene.snapshot.sockets[socket.value()];
    service.endpoint = {"host",
                        listener.protocol,
                        listener.family,
                        listener.local_address,
                        listener.local_port,
                        {}};
    schema::Owner owner;
    owner.program = scene.program(process);
    owner.script = scene.at(process).script;
    owner.user = "root";
    service.owners = {owner};
    baseline.services = {service};
    scene.baseline = &baseline;
  }

  RuleScene scene;
  schema::ServiceSet baseline;
  schema::ProcessIndex process;
  schema::SocketIndex socket;
};

}  // namespace

TEST_CASE("unexpected-owner: another program at a port that the baseline knows") {
  Host host("/opt/shop/server", {}, "0.0.0.0 8080");
  RuleScene& scene = host.scene;
  CHECK(scene.told("unexpected-owner").empty());
  SECTION("another program, of a package as well") {
    scene.program(host.process).path = "/usr/sbin/nginx";
    scene.program(host.process).verdict = schema::PackageVerdict::Matches;
    CHECK(scene.told("unexpected-owner") == "high server(100)");
    CHECK(scene.why("unexpected-owner") == "the baseline has /opt/shop/server");
    SECTION("without a baseline nobody knows") {
      scene.baseline = nullptr;
      CHECK(scene.told("unexpected-owner").empty());
    }
    SECTION("a port that the baseline does not know") {
      scene.at(host.socket).local_port = schema::Port(8081);
      CHECK(scene.told("unexpected-owner").empty());
    }
    SECTION("the other protocol") {
      host.baseline.services[0].endpoint.protocol = schema::Protocol::Udp;
      CHECK(scene.told("unexpected-owner").empty());
    }
    SECTION("held for the expected one as well") {
      scene.hold(host.socket, scene.run_unowned("/opt/shop/server"), 3);
      CHECK(scene.told("unexpected-owner").empty());
    }
    SECTION("what rpcbind hands out") {
      scene.snapshot.registrations = {{100024, 1, "tcp", "0.0.0.0.31.144", "superuser"}};
      CHECK(scene.told("unexpected-owner").empty());
    }
    SECTION("the baseline could not see who it was") {
      host.baseline.services[0].owners[0].program.reset();
      CHECK(scene.told("unexpected-owner").empty());
    }
  }
  SECTION("another script of the same interpreter") {
    scene.program(host.process).path = "/usr/bin/python3.11";
    scene.give_script(host.process, "/opt/shop/app.py");
    host.take_baseline();
    CHECK(scene.told("unexpected-owner").empty());
    scene.give_script(host.process, "/opt/shop/other.py");
    CHECK(scene.told("unexpected-owner") == "high server(100)");
  }
}

TEST_CASE("what a baseline has does not weigh") {
  struct Row {
    const char* rule;
    const char* path;
    std::initializer_list<std::string_view> arguments;
    const char* end;
  };
  const Row rows[] = {
      {"wrong-owner-of-port", "/opt/web", {}, "0.0.0.0 80"},
      {"backdoor-port", "/opt/agent", {}, "0.0.0.0 4444"},
      {"relay-listener", "/usr/bin/socat", {"socat", "TCP-LISTEN:80", "TCP:x:1"}, "0.0.0.0 80"},
      {"ephemeral-listener", "/opt/agent", {}, "0.0.0.0 40000"},
  };
  for (const Row& row : rows) {
    Host host(row.path, row.arguments, row.end);
    CAPTURE(row.rule);
    CHECK_THAT(host.scene.told(row.rule), Catch::StartsWith("info "));
    SECTION(std::string(row.rule) + ": other content") {
      host.scene.program(host.process).sha256 = std::string(32, '!');
      CHECK_THAT(host.scene.told(row.rule), !Catch::StartsWith("info "));
    }
    SECTION(std::string(row.rule) + ": another user") {
      host.scene.give_user(host.process, 1000);
      CHECK_THAT(host.scene.told(row.rule), !Catch::StartsWith("info "));
    }
    SECTION(std::string(row.rule) + ": no baseline") {
      host.scene.baseline = nullptr;
      CHECK_THAT(host.scene.told(row.rule), !Catch::StartsWith("info "));
    }
  }
}

}  // namespace sockwitness
