#include "recorder/proc/cgroup.h"

#include <string>

#include <catch2/catch.hpp>

using sockwitness::recorder::parse_cgroup;
using sockwitness::recorder::parse_cgroup_path;

namespace {

const std::string kId(64, 'a');
const std::string kOther = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct Sample {
  std::string path;
  std::string unit;
  std::string container;
};

}  // namespace

TEST_CASE("cgroup: units") {
  const Sample samples[] = {
      {"/", "", ""},
      {"/system.slice/nginx.service", "nginx.service", ""},
      {"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", ""},
      {"/system.slice/ssh.socket", "ssh.socket", ""},
      {"/init.scope", "init.scope", ""},
      {"/user.slice/user-1000.slice/session-2.scope", "session-2.scope", ""},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/app-foot-123.scope",
       "user@1000.service/app-foot-123.scope",
       ""},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service/worker.service",
       "user@1000.service/syncthing.service",
       ""},
      {"/system.slice/user@x.service/nginx.service", "user@x.service", ""},
      {"/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", ""},
      // Its owner may call it anything.
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service",
       "user@1000.service/nginx.service",
       ""},
      {"/system.slice/httpd.service/nginx.service", "httpd.service", ""},
      {"/user.slice", "user.slice", ""},
      // A directory below a unit is the unit's.
      {"/system.slice/httpd.service/workers", "httpd.service", ""},
      {"/system.slice/dev-sda1.swap", "dev-sda1.swap", ""},
      {"/system.slice/my\\x2dapp.service", "my\\x2dapp.service", ""},
      {"/system.slice/_memory.service", "memory.service", ""},
      {"/process_api/d3d088bc02c73c08bd07d22b57e17419", "", ""},
      {"/.service", "", ""},
      {"/a b.service", "", ""},
      {"/nginx.services", "", ""},
      {"/../other.service", "other.service", ""}};
  for (const auto& sample : samples) {
    INFO(sample.path);
    const auto place = parse_cgroup_path(sample.path);
    CHECK(place.path == sample.path);
    CHECK(place.unit == sample.unit);
    CHECK(place.container == sample.container);
  }
}

TEST_CASE("cgroup: containers") {
  const std::string pod = "kubepods-burstable-pod6b5e.slice";
  const Sample samples[] = {
      {"/system.slice/docker-" + kId + ".scope", "", kId},
      {"/docker/" + kId, "", kId},
      {"/machine.slice/libpod-" + kId + ".scope", "", kId},
      {"/machine.slice/libpod-" + kId + ".scope/container", "", kId},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope",
       "",
       kId},
      {"/libpod_parent/libpod-" + kId, "", kId},
      {"/kubepods.slice/kubepods-burstable.slice/" + pod + "/cri-containerd-" + kId + ".scope",
       "",
       kId},
      {"/kubepods.slice/" + pod + "/crio-" + kId + ".scope", "", kId},
      {"/kubepods/burstable/pod6b5e/" + kId, "", kId},
      {"/system.slice/containerd.service/" + pod + ":cri-containerd:" + kId, "", kId},
      {"/lxc.payload.web", "", "web"},
      {"/lxc.payload/web", "", "web"},
      {"/lxc/101/ns", "", "101"},
      {"/machine.slice/machine-my\\x2dbox.scope/payload", "", "my-box"},
      {"/machine.slice/systemd-nspawn@web.service/payload", "", "web"},
      // Containers of other managers, by the place that they are given.
      {"/ecs/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b/" + kId, "", kId},
      {"/ecs/cluster/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b/" + kId, "", kId},
      {"/ecs/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b-2647041541",
       "",
       "6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b-2647041541"},
      {"/garden/9f2b7c1e-6d5a-4c3b-7a8f-1e2d", "", "9f2b7c1e-6d5a-4c3b-7a8f-1e2d"},
      {"/system.slice/garden.service/garden/good/9f2b7c1e-6d5a", "garden.service", "9f2b7c1e-6d5a"},
      {"/buildkit/zhiz5dljm0dkvlhwqk1sqdfdl", "", "zhiz5dljm0dkvlhwqk1sqdfdl"},
      {"/docker/buildkit/zhiz5dljm0dkvlhwqk1sqdfdl", "", "zhiz5dljm0dkvlhwqk1sqdfdl"},
      {"/default/redis", "", "redis"},
      {"/k8s.io/" + kId, "", kId},
      {"/mesos/6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b", "", "6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b"},
      {"/mesos/6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b/mesos/0a1b2c3d-8e0f-4d2a-9c3b-7f6a5d4e3c2b",
       "",
       "0a1b2c3d-8e0f-4d2a-9c3b-7f6a5d4e3c2b"},
      {"/machine.slice/libpod-" + kId + ".scope/container", "", kId},
      {"/libpod_parent/libpod-" + kId, "", kId},
      {"/kubepods.slice/kubepods-besteffort.slice/" + pod + "/crio-" + kId + ".scope/container",
       "",
       kId},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + kId + ".scope",
       "",
       kId},
      // A container with a systemd of its own: both.
      {"/system.slice/docker-" + kId + ".scope/system.slice/nginx.service", "nginx.service", kId},
      {"/lxc.payload.web/system.slice/cron.service", "cron.service", "web"},
      {"/machine.slice/machine-box.scope/payload/init.scope", "init.scope", "box"},
      // A container that is a plain directory inside the unit that runs it.
      {"/system.slice/web.service/libpod-payload-" + kId, "web.service", kId},
      // A container in a container: the inner one.
      {"/docker/" + kId + "/docker/" + kOther, "", kOther},
      {"/docker/" + kId + "/kubelet.slice/" + pod + "/cri-containerd-" + kOther + ".scope",
       "",
       kOther}};
  for (const auto& sample : samples) {
    INFO(sample.path);
    const auto place = parse_cgroup_path(sample.path);
    CHECK(place.unit == sample.unit);
    CHECK(place.container == sample.container);
  }
}

TEST_CASE("cgroup: what runs containers is none") {
  const std::pair<std::string, std::string> samples[] = {
      {"/system.slice/docker.service", "docker.service"},
      {"/system.slice/containerd.service", "containerd.service"},
      {"/system.slice/crio.service", "crio.service"},
      {"/system.slice/kubelet.service", "kubelet.service"},
      {"/system.slice/lxc.service", "lxc.service"},
      {"/machine.slice/libpod-conmon-" + kId + ".scope", "libpod-conmon-" + kId + ".scope"},
      {"/machine.slice/crio-conmon-" + kId + ".scope", "crio-conmon-" + kId + ".scope"},
      {"/lxc.monitor.web", ""},
      {"/lxc.monitor/web", ""},
      {"/lxc", ""},
      {"/machine.slice/machine-box.scope/supervisor", "machine-box.scope"},
      {"/machine.slice/systemd-nspawn@web.service/supervisor", "systemd-nspawn@web.service"},
      {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
       "machine-qemu\\x2d1\\x2dvm.scope"},
      {"/system.slice/docker-proxy.service", "docker-proxy.service"},
      {"/system.slice/docker-" + kId.substr(1) + ".scope", "docker-" + kId.substr(1) + ".scope"},
      {"/docker/" + std::string(64, 'g'), ""},
      {"/ecs/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b", ""},
      {"/ecs/6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b/agent", ""},
      {"/garden", ""},
      {"/garden/good", ""},
      {"/buildkit", ""},
      {"/default", ""},
      {"/a/default/redis", ""},
      {"/default/redis.service", "redis.service"},
      {"/mesos", ""},
      {"/mesos/agent", ""},
      {"/libpod_parent/conmon", ""},
      {"/lxc.pivot/web", ""}};
  for (const auto& [path, unit] : samples) {
    INFO(path);
    CHECK(parse_cgroup_path(path).container.empty());
    CHECK(parse_cgroup_path(path).unit == unit);
  }
}

TEST_CASE("cgroup: which hierarchy counts") {
  CHECK(parse_cgroup("0::/system.slice/a.service\n")->unit == "a.service");
  CHECK(parse_cgroup("0::/\n")->path == "/");
  // v1 with systemd.
  CHECK(parse_cgroup("5:memory:/x\n1:name=systemd:/system.slice/a.service\n0::/\n")->path ==
        "/system.slice/a.service");
  CHECK(parse_cgroup("4:memory:/\n1:name=systemd:/\n")->path == "/");
  // The unified path wins where it says something.
  CHECK(parse_cgroup("1:name=systemd:/user.slice/long/path\n0::/a.service\n")->unit == "a.service");
  // Hybrid: the engine moves its containers in the v1 hierarchies only.
  const auto hybrid = parse_cgroup("9:pids:/docker/" + kId + "\n1:name=systemd:/docker/" + kId +
                                   "\n0::/system.slice/containerd.service\n");
  CHECK(hybrid->container == kId);
  CHECK(hybrid->path == "/docker/" + kId);
  CHECK(hybrid->unit.empty());
  // No systemd at all.
  const auto plain = parse_cgroup("9:name=openrc:/docker\n8:pids:/docker/" + kId + "\n0::/\n");
  CHECK(plain->container == kId);
  CHECK(plain->path == "/");
  // A path may hold colons.
  CHECK(parse_cgroup("0::/a:b/c.service\n")->path == "/a:b/c.service");
}

TEST_CASE("cgroup: a file that is malformed or cut says nothing") {
  for (const std::string text : {"\n",
                                 "x::/a\n",
                                 "0:/a\n",
                                 "0::a\n",
                                 "0::\n",
                                 "-1::/a\n",
                                 "0::/a",
                                 "garbage\n0::/a.service\n",
                                 "1:name=systemd:/a.service\n0::/b"}) {
    INFO(text);
    CHECK_FALSE(parse_cgroup(text));
  }
  REQUIRE(parse_cgroup(""));
  CHECK(parse_cgroup("")->path.empty());
}
