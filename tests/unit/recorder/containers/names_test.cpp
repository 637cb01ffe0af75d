#include "recorder/containers/names.h"

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

const std::string kId(64, 'a');
const std::string kUid = "6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b";

}  // namespace

TEST_CASE("containers: whose engine a control group belongs to") {
  CHECK(find_cgroup_user(
            "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-x.scope") == 1000U);
  CHECK(find_cgroup_user("/user.slice/user-7.slice/session-1.scope") == 7U);
  CHECK_FALSE(find_cgroup_user("/system.slice/docker-x.scope"));
  CHECK_FALSE(find_cgroup_user("/user-x.slice/user-.slice/user-5x.slice"));
  CHECK_FALSE(find_cgroup_user(""));
}

TEST_CASE("containers: the pod of a control group") {
  CHECK(find_pod_uid("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"
                     "pod6b5e5e1c_8e0f_4d2a_9c3b_7f6a5d4e3c2b.slice/cri-containerd-x.scope") ==
        kUid);
  CHECK(find_pod_uid("/kubepods/besteffort/pod" + kUid + "/" + kId) == kUid);
  CHECK(find_pod_uid("/kubepods/podx/" + kId).empty());
  CHECK(find_pod_uid("/machine.slice/libpod-x.scope").empty());
}

TEST_CASE("containers: homes of users") {
  const auto homes = parse_homes(
      "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\nbad:x:y:0::/x:\nshort\n"
      "rel:x:5:5::home:\n");
  CHECK(homes == Homes{{0, "/root"}, {1000, "/home/ada"}});
  CHECK(parse_homes("").empty());
}

TEST_CASE("containers: names of Kubernetes' logs") {
  const auto log = parse_container_log("web-7d9f6b5c4-x2x9k_shop_nginx-proxy-" + kId + ".log");
  REQUIRE(log);
  CHECK(log->id == kId);
  CHECK(log->facts.pod == "web-7d9f6b5c4-x2x9k");
  CHECK(log->facts.pod_namespace == "shop");
  CHECK(log->facts.pod_container == "nginx-proxy");
  for (const std::string& name : {std::string(),
                                  "web_shop_nginx-" + kId,
                                  "web_shop_nginx" + kId + ".log",
                                  "web_shop_-" + kId + ".log",
                                  "web_nginx-" + kId + ".log",
                                  "_shop_nginx-" + kId + ".log",
                                  "a_b_c_d-" + kId + ".log",
                                  "web_shop_nginx-" + std::string(64, 'z') + ".log",
                                  kId + ".log"}) {
    INFO(name);
    CHECK_FALSE(parse_container_log(name));
  }
  const auto pod = parse_pod_log("shop_web-x2x9k_" + kUid);
  REQUIRE(pod);
  CHECK(pod->uid == kUid);
  CHECK(pod->facts.pod_namespace == "shop");
  for (const std::string& name : {std::string(),
                                  std::string("shop"),
                                  std::string("shop_web"),
                                  "_web_" + kUid,
                                  std::string("shop_web_x y")}) {
    INFO(name);
    CHECK_FALSE(parse_pod_log(name));
  }
}

TEST_CASE("containers: an id is one component of a path") {
  CHECK(is_component(kId));
  CHECK(is_component("web.1"));
  for (const std::string& id : {std::string(),
                                std::string("."),
                                std::string(".."),
                                std::string("a/b"),
                                std::string("a\0b", 3),
                                std::string(256, 'a')}) {
    CHECK_FALSE(is_component(id));
  }
}

}  // namespace sockwitness::recorder
