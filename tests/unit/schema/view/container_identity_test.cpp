#include "schema/view/container_identity.h"

#include <catch2/catch.hpp>

#include "schema/view/stable_name.h"

namespace sockwitness::schema {
namespace {

const std::string kOne(64, 'a');
const std::string kOther(64, 'b');
using Facts = std::optional<ContainerFacts>;

Facts named(std::string name, std::string image = {}) {
  ContainerFacts facts;
  facts.name = std::move(name);
  facts.image = std::move(image);
  return facts;
}

Facts composed(std::string project, std::string service, std::string name) {
  ContainerFacts facts;
  facts.name = std::move(name);
  facts.project = std::move(project);
  facts.service = std::move(service);
  return facts;
}

Facts in_pod(std::string space, std::string pod, std::string container) {
  ContainerFacts facts;
  facts.pod_namespace = std::move(space);
  facts.pod = std::move(pod);
  facts.pod_container = std::move(container);
  return facts;
}

bool same(const Facts& left, const Facts& right) {
  return may_be_same_container(kOne, left, kOther, right);
}

}  // namespace

TEST_CASE("containers: the end of a pod's name that was generated") {
  CHECK(stable_pod("web-7d9f6b5c4-x2x9k") == "web");
  CHECK(stable_pod("coredns-5dd5756b68-4qzkn") == "coredns");
  CHECK(stable_pod("kube-proxy-x2x9k") == "kube-proxy");
  CHECK(stable_pod("backup-28561440-x2x9k") == "backup");
  CHECK(stable_pod("db-0") == "db-0");
  CHECK(stable_pod("etcd-node1") == "etcd-node1");
  CHECK(stable_pod("my-redis") == "my-redis");
  CHECK(stable_pod("web") == "web");
  CHECK(stable_pod("-x2x9k") == "-x2x9k");
  CHECK(stable_pod("").empty());
}

TEST_CASE("containers: the repository of an image") {
  CHECK(stable_image("nginx") == "nginx");
  CHECK(stable_image("nginx:1.25") == "nginx");
  CHECK(stable_image("docker.io/library/nginx:latest") == "nginx");
  CHECK(stable_image("docker.io/bitnami/nginx:1") == "bitnami/nginx");
  CHECK(stable_image("registry.local:5000/app") == "registry.local:5000/app");
  CHECK(stable_image("registry.local:5000/app:2@sha256:" + kOne) == "registry.local:5000/app");
  CHECK(stable_image("sha256:" + kOne).empty());
  CHECK(stable_image(kOne).empty());
  CHECK(stable_image("").empty());
}

TEST_CASE("containers: names that an engine draws") {
  CHECK(is_drawn_name("quirky_turing"));
  CHECK(is_drawn_name("zen_hopper3"));
  CHECK(is_drawn_name("4f66ad9a0b2e-infra"));
  CHECK_FALSE(is_drawn_name("shop-infra"));
  CHECK_FALSE(is_drawn_name("web"));
  CHECK_FALSE(is_drawn_name("my_app"));
  CHECK_FALSE(is_drawn_name("happy_"));
  CHECK_FALSE(is_drawn_name("happy_web-1"));
}

TEST_CASE("containers: the first part that both sides know decides") {
  CHECK(same(named("web", "nginx:1.24"), named("web", "nginx:1.25")));
  CHECK_FALSE(same(named("web", "nginx"), named("web", "evil/nginx")));
  CHECK_FALSE(same(named("web", "nginx"), named("shop", "nginx")));
  CHECK(same(named("web-6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b"),
             named("web-0a1b2c3d-8e0f-4d2a-9c3b-7f6a5d4e3c2b")));
  CHECK(same(named("web.1.abcdefghij0123456789klmno"), named("web.2.zbcdefghij0123456789klmn9")));
  CHECK_FALSE(
      same(named("web.1.abcdefghij0123456789klmno"), named("shop.1.zbcdefghij0123456789klmn9")));
  CHECK(same(named("web"), named("0123456789ab_web")));
  CHECK(same(named("quirky_turing", "nginx"), named("zen_hopper", "nginx:2")));
  CHECK_FALSE(same(named("quirky_turing", "nginx"), named("zen_hopper", "redis")));
  CHECK(same(composed("shop", "web", "shop-web-1"), composed("shop", "web", "shop-web-2")));
  CHECK_FALSE(same(composed("shop", "web", "x"), composed("other", "web", "x")));
  CHECK(same(in_pod("shop", "web-7d9f6b5c4-x2x9k", "nginx"),
             in_pod("shop", "web-5c6bb57d9f-4qzkn", "nginx")));
  CHECK_FALSE(same(in_pod("shop", "web-x2x9k", "nginx"), in_pod("test", "web-x2x9k", "nginx")));
  CHECK_FALSE(same(in_pod("shop", "web-x2x9k", "nginx"), in_pod("shop", "web-x2x9k", "sidecar")));
  // What one side alone knows decides nothing.
  CHECK(same(named("web", "nginx"), std::nullopt));
  CHECK(same(std::nullopt, std::nullopt));
  // The same id is the same container, whatever it is called by now.
  CHECK(may_be_same_container(kOne, named("web"), kOne, named("shop")));
  // Outside a container is another place than within.
  CHECK_FALSE(may_be_same_container("", std::nullopt, kOne, named("web")));
  CHECK_FALSE(may_be_same_container("web", std::nullopt, "shop", std::nullopt));
}

TEST_CASE("containers: what they are shown and found by") {
  const Facts pod = in_pod("shop", "web-7d9f6b5c4-x2x9k", "nginx");
  CHECK(container_name(pod) == "shop/web-7d9f6b5c4-x2x9k/nginx");
  CHECK(container_label(pod) == "shop/web");
  CHECK(container_identity(kOne, pod) == "shop/web/nginx");
  CHECK(container_name(named("web")) == "web");
  CHECK(container_label(named("web")) == "web");
  CHECK(container_label(composed("shop", "web", "shop-web-1")) == "shop/web");
  CHECK(container_name(named("quirky_turing")) == "quirky_turing");
  CHECK(container_label(named("quirky_turing")).empty());
  CHECK(container_name(std::nullopt).empty());
  CHECK(container_identity(kOne, std::nullopt) == "*");
  CHECK(container_identity("web", std::nullopt) == "web");
  CHECK(container_identity(kOne, named("quirky_turing", "nginx:1")) == "image nginx");
  CHECK(names_of(composed("shop", "web", "shop-web-1")) ==
        std::vector<std::string>{"shop-web-1", "shop/web", "web"});
  CHECK(names_of(std::nullopt).empty());
  CHECK(has_drawn_id("container web 4f66ad9a0b2e"));
}

}  // namespace sockwitness::schema
