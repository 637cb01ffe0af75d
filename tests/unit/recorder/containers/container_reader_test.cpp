#include "recorder/containers/container_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::recorder {
namespace {

namespace fs = std::filesystem;
using schema::ContainerEngine;
using schema::GapReason;

const std::string kId(64, 'a');
const std::string kDocker = "var/lib/docker/containers/" + kId + "/config.v2.json";
constexpr const char* kWeb = R"({"Name":"/web","Config":{"Image":"nginx"}})";

struct Fixture {
  Fixture() { root = std::move(open_at(AT_FDCWD, top.c_str(), O_RDONLY | O_DIRECTORY).value()); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(top + "/" + path).parent_path());
    std::ofstream(top + "/" + path) << text;
  }
  [[nodiscard]] ContainerAnswer read(const std::string& cgroup = "/docker/x") const {
    return reader().read({kId, cgroup});
  }
  [[nodiscard]] ContainerReader reader() const { return ContainerReader(root.get()); }

  test::ScratchDir scratch;
  std::string top = scratch.file("");
  UniqueFd root;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "containers: no state file is no gap") {
  const auto answer = read();
  CHECK_FALSE(answer.facts);
  CHECK_FALSE(answer.gap);
}

TEST_CASE_METHOD(Fixture, "containers: each engine's own place") {
  SECTION("docker") {
    write(kDocker, kWeb);
    CHECK(read().facts->name == "web");
    CHECK(read().facts->engine == ContainerEngine::Docker);
  }
  SECTION("docker with another data-root") {
    write("etc/docker/daemon.json", R"({"data-root":"/srv/d"})");
    write("srv/d/containers/" + kId + "/config.v2.json", kWeb);
    CHECK(read().facts->name == "web");
  }
  SECTION("docker behind a link of root's") {
    write("srv/d/containers/" + kId + "/config.v2.json", kWeb);
    fs::create_directories(top + "/var/lib");
    fs::create_symlink("/srv/d", top + "/var/lib/docker");
    CHECK(read().facts->name == "web");
  }
  SECTION("podman") {
    write("var/lib/containers/storage/overlay-containers/containers.json",
          R"([{"id":")" + kId + R"(","names":["web"],"metadata":"{\"image-name\":\"nginx\"}"}])");
    CHECK(read().facts->name == "web");
    CHECK(read().facts->image == "nginx");
    CHECK(read().facts->engine == ContainerEngine::Podman);
  }
  SECTION("podman with another driver") {
    write("var/lib/containers/storage/vfs-containers/containers.json",
          R"([{"id":")" + kId + R"(","names":["web"]}])");
    CHECK(read().facts->name == "web");
  }
  SECTION("containerd") {
    write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + kId + "/config.json",
          R"({"annotations":{"io.kubernetes.cri.sandbox-name":"web-0"}})");
    CHECK(read().facts->pod == "web-0");
    CHECK(read().facts->engine == ContainerEngine::Containerd);
  }
  SECTION("docker's containerd says nothing, docker does") {
    write("run/containerd/io.containerd.runtime.v2.task/moby/" + kId + "/config.json", "{}");
    CHECK_FALSE(read().facts);
    CHECK_FALSE(read().gap);
    write(kDocker, kWeb);
    CHECK(read().facts->name == "web");
  }
  SECTION("cri-o") {
    write("run/containers/storage/overlay-containers/" + kId + "/userdata/config.json",
          R"({"annotations":{"io.kubernetes.pod.name":"web-0"}})");
    CHECK(read().facts->engine == ContainerEngine::CriO);
  }
  SECTION("logs of containers") {
    write("var/log/containers/web-0_shop_nginx-" + kId + ".log", "");
    CHECK(read().facts->pod_container == "nginx");
  }
  SECTION("logs of pods") {
    const std::string uid = "6b5e5e1c-8e0f-4d2a-9c3b-7f6a5d4e3c2b";
    fs::create_directories(top + "/var/log/pods/shop_web-0_" + uid + "/nginx");
    CHECK(read("/kubepods/pod" + uid + "/" + kId).facts->pod_container == "nginx");
    CHECK_FALSE(read("/kubepods/pod" + uid.substr(1) + "0/" + kId).facts);
    fs::create_directories(top + "/var/log/pods/shop_web-0_" + uid + "/sidecar");
    CHECK(read("/kubepods/pod" + uid + "/" + kId).facts->pod == "web-0");
    CHECK(read("/kubepods/pod" + uid + "/" + kId).facts->pod_container.empty());
  }
}

TEST_CASE_METHOD(Fixture, "containers: a user's engine is read in his home, and nowhere else") {
  const std::string cgroup =
      "/user.slice/user-" + std::to_string(::getuid()) + ".slice/user@0.service/docker-x.scope";
  write("etc/passwd", "me:x:" + std::to_string(::getuid()) + ":0::/home/me:/bin/sh\n");
  const std::string file = "home/me/.local/share/docker/containers/" + kId + "/config.v2.json";
  write(file, kWeb);
  CHECK(read(cgroup).facts->name == "web");
  CHECK_FALSE(read("/system.slice/docker-x.scope").facts);
  SECTION("a link is not followed") {
    fs::rename(top + "/" + file, top + "/secret.json");
    fs::create_symlink("/secret.json", top + "/" + file);
    const auto answer = read(cgroup);
    CHECK_FALSE(answer.facts);
    REQUIRE(answer.gap);
    CHECK(answer.gap->error_number == ELOOP);
  }
  SECTION("somebody else's file is not his") {
    write("etc/passwd", "other:x:54321:0::/home/me:/bin/sh\n");
    const auto answer = read("/user.slice/user-54321.slice/docker-x.scope");
    CHECK_FALSE(answer.facts);
    REQUIRE(answer.gap);
    CHECK(answer.gap->reason == GapReason::Permission);
  }
}

TEST_CASE_METHOD(Fixture, "containers: a hostile file is a gap, and no name") {
  const auto expect = [&](int error, GapReason reason) {
    const auto answer = read();
    CHECK_FALSE(answer.facts);
    REQUIRE(answer.gap);
    CHECK(answer.gap->source == schema::GapSource::Containers);
    CHECK(answer.gap->object.text() == kId);
    CHECK(answer.gap->error_number == error);
    CHECK(answer.gap->reason == reason);
  };
  SECTION("cut off") {
    write(kDocker, R"({"Name":"/web")");
    expect(EBADMSG, GapReason::Failed);
  }
  SECTION("without end") {
    write(kDocker, std::string(5U << 20U, ' '));
    expect(EFBIG, GapReason::Truncated);
  }
  SECTION("a fifo") {
    fs::create_directories(fs::path(top + "/" + kDocker).parent_path());
    REQUIRE(::mkfifo((top + "/" + kDocker).c_str(), 0600) == 0);
    expect(EBADMSG, GapReason::Failed);
  }
  SECTION("a device") {
    write("dev/full", "");
    fs::create_directories(fs::path(top + "/" + kDocker).parent_path());
    fs::create_directory(top + "/" + kDocker);
    expect(EBADMSG, GapReason::Failed);
  }
  SECTION("a malformed one is not made up for by another place") {
    write(kDocker, "[]");
    write("var/log/containers/web-0_shop_nginx-" + kId + ".log", "");
    expect(EBADMSG, GapReason::Failed);
  }
}

TEST_CASE_METHOD(Fixture, "containers: a file that was not touched since is not read again") {
  write(kDocker, kWeb);
  ContainerQuestion question{kId, ""};
  question.known.emplace().name = "known";
  const std::int64_t now = std::chrono::duration_cast<std::chrono::microseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  const auto name_at = [&](std::int64_t microseconds) {
    question.known_at = schema::WallTime{microseconds};
    return reader().read(question).facts->name;
  };
  CHECK(name_at(now + 60'000'000) == "known");
  CHECK(name_at(now) == "web");
  CHECK(name_at(now - 60'000'000) == "web");
  // What another engine said is no answer of this one.
  question.known->engine = ContainerEngine::Podman;
  CHECK(name_at(now + 60'000'000) == "web");
  fs::remove(top + "/" + kDocker);
  CHECK_FALSE(reader().read(question).facts);
}

TEST_CASE_METHOD(Fixture, "containers: what is read is what stands there now") {
  const ContainerReader reader(root.get());
  write(kDocker, kWeb);
  CHECK(reader.read({kId, ""}).facts->name == "web");
  write(kDocker, R"({"Name":"/shop","Config":{"Image":"nginx"}})");
  CHECK(reader.read({kId, ""}).facts->name == "shop");
  fs::remove(top + "/" + kDocker);
  CHECK_FALSE(reader.read({kId, ""}).facts);
  CHECK_FALSE(reader.read({"../x", ""}).gap);
}

}  // namespace sockwitness::recorder
