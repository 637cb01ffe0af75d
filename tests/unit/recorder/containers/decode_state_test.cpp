#include "recorder/containers/decode_state.h"

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::ContainerEngine;
using schema::ContainerFacts;

const std::string kId(64, 'a');

}  // namespace

TEST_CASE("containers: Docker's config.v2.json") {
  const auto plain = decode_docker(
      R"({"StreamConfig":{},"State":{"Running":true,"Pid":4711},"ID":"aa","Image":"sha256:77",)"
      R"("Name":"/web","Config":{"Hostname":"aa","Image":"nginx:1.25","Labels":{}},"Driver":"overlay2"})");
  REQUIRE(plain);
  CHECK(*plain == ContainerFacts{ContainerEngine::Docker, "web", "nginx:1.25", "", "", "", "", ""});
  const auto composed =
      decode_docker(R"({"Name":"/shop-web-1","Config":{"Image":"shop-web","Labels":{)"
                    R"("com.docker.compose.project":"shop","com.docker.compose.service":"web"}}})");
  REQUIRE(composed);
  CHECK(composed->project == "shop");
  CHECK(composed->service == "web");
  const auto swarm = decode_docker(
      R"({"Name":"/shop_web.1.x2k3","Config":{"Image":"nginx","Labels":{)"
      R"("com.docker.stack.namespace":"shop","com.docker.swarm.service.name":"shop_web"}}})");
  REQUIRE(swarm);
  CHECK(swarm->project == "shop");
  CHECK(swarm->service == "shop_web");
  const auto ecs = decode_docker(
      R"({"Name":"/ecs-shop-7-web-8a","Config":{"Image":"nginx","Labels":{)"
      R"("com.amazonaws.ecs.container-name":"web","com.amazonaws.ecs.task-definition-family":"shop"}}})");
  REQUIRE(ecs);
  CHECK(ecs->project == "shop");
  CHECK(ecs->service == "web");
  const auto pod = decode_docker(
      R"({"Name":"/k8s_POD_web-x2x9k_shop_1_0","Config":{"Image":"pause:3.9","Labels":{)"
      R"("io.kubernetes.container.name":"POD","io.kubernetes.pod.name":"web-x2x9k",)"
      R"("io.kubernetes.pod.namespace":"shop"}}})");
  REQUIRE(pod);
  CHECK(pod->pod == "web-x2x9k");
  CHECK(pod->pod_namespace == "shop");
  CHECK(pod->pod_container.empty());
  // No labels at all, as of containers that were imported.
  CHECK(decode_docker(R"({"Name":"/x","Config":{"Image":"y","Labels":null}})"));
}

TEST_CASE("containers: bundles by their annotations") {
  const auto cri = decode_bundle(
      R"({"ociVersion":"1.1.0","process":{},"annotations":{)"
      R"("io.kubernetes.cri.container-name":"nginx","io.kubernetes.cri.container-type":"container",)"
      R"("io.kubernetes.cri.image-name":"docker.io/library/nginx:1.25","io.kubernetes.cri.sandbox-id":"bb",)"
      R"("io.kubernetes.cri.sandbox-name":"web-x2x9k","io.kubernetes.cri.sandbox-namespace":"shop"}})",
      ContainerEngine::Containerd);
  REQUIRE(cri);
  CHECK(*cri == ContainerFacts{ContainerEngine::Containerd,
                               "",
                               "docker.io/library/nginx:1.25",
                               "",
                               "",
                               "web-x2x9k",
                               "shop",
                               "nginx"});
  const auto crio = decode_bundle(
      R"({"annotations":{"io.kubernetes.container.name":"nginx","io.kubernetes.pod.name":"web-0",)"
      R"("io.kubernetes.pod.namespace":"shop","io.kubernetes.cri-o.ImageName":"quay.io/nginx:1"}})",
      ContainerEngine::CriO);
  REQUIRE(crio);
  CHECK(crio->pod == "web-0");
  CHECK(crio->image == "quay.io/nginx:1");
  const auto nerdctl =
      decode_bundle(R"({"annotations":{"nerdctl/name":"web","nerdctl/namespace":"default"}})",
                    ContainerEngine::Containerd);
  REQUIRE(nerdctl);
  CHECK(nerdctl->name == "web");
  // Docker's own bundles say nothing, and that is no error.
  CHECK(decode_bundle(R"({"ociVersion":"1.1.0"})", ContainerEngine::Containerd) ==
        ContainerFacts{ContainerEngine::Containerd, "", "", "", "", "", "", ""});
}

TEST_CASE("containers: Podman's list") {
  const auto names = decode_storage(
      R"([{"id":")" + kId +
      R"(","names":["web"],"image":"77","layer":"88","metadata":)"
      R"("{\"image-name\":\"docker.io/library/nginx:latest\",\"image-id\":\"77\",\"name\":\"web\"}",)"
      R"("created":"2026-11-30T10:00:00Z","flags":{"MountLabel":""}},{"id":"cc","image":"77"}])");
  REQUIRE(names);
  REQUIRE(names->size() == 2);
  CHECK(names->at(kId).name == "web");
  CHECK(names->at(kId).image == "docker.io/library/nginx:latest");
  CHECK(names->at("cc").name.empty());
  CHECK(decode_storage("[]")->empty());
}

TEST_CASE("containers: Docker's data-root") {
  CHECK(decode_data_root(R"({"data-root":"/srv/docker","debug":true})") == "/srv/docker");
  CHECK(decode_data_root(R"({"graph":"/old"})") == "/old");
  CHECK(decode_data_root("{}")->empty());
  CHECK_FALSE(decode_data_root(R"({"data-root":7})"));
}

TEST_CASE("containers: what is no state file says nothing") {
  const std::string deep =
      R"({"Name":"/x","Config":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  for (const std::string& text : {std::string(),
                                  std::string("x"),
                                  std::string("[]x"),
                                  std::string("{"),
                                  std::string(R"({"Name":"/web")"),
                                  std::string(R"({"Name":7})"),
                                  std::string(R"({"Name":["web"]})"),
                                  std::string(R"({"Name":"/web","Config":[]})"),
                                  std::string(R"({"Name":"/web","Config":{"Labels":"x"}})"),
                                  std::string("{\"Name\":\"/w\xff\"}"),
                                  R"({"Name":"/)" + std::string(5000, 'n') + R"("})",
                                  std::string(100'000, '['),
                                  deep}) {
    INFO(text.substr(0, 60));
    CHECK_FALSE(decode_docker(text));
    CHECK_FALSE(decode_storage(text.starts_with('{') ? "[" + text + ",7]" : text));
  }
  for (const char* text :
       {"[]", "null", "7", R"({"annotations":7})", R"({"annotations":{"nerdctl/name":{}}})"}) {
    INFO(text);
    CHECK_FALSE(decode_bundle(text, ContainerEngine::CriO));
  }
  CHECK_FALSE(decode_storage(R"([{"id":7}])"));
  CHECK_FALSE(decode_storage(R"({"id":"a"})"));
}

}  // namespace sockwitness::recorder
