// What a program loads besides its own file.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using schema::FileState;
using schema::GapSource;
using schema::PackageVerdict;
using test::RuleScene;

namespace {

constexpr const char* kAnywhere = "0.0.0.0 8081";

}  // namespace

TEST_CASE("foreign-code-mapped") {
  struct Row {
    const char* program;
    const char* file;
    FileState state;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({
      {"/usr/sbin/sshd", "/tmp/x.so", FileState::Present, "critical"},
      {"/usr/sbin/sshd", "/memfd:x", FileState::Memfd, "medium"},
      {"/usr/lib/erlang/bin/beam.smp", "/memfd:vmem", FileState::Memfd, "low"},
      {"/usr/sbin/sshd", "/dev/shm/x.so", FileState::Deleted, "critical"},
      {"/usr/sbin/sshd", "/usr/lib/x86_64-linux-gnu/libx.so", FileState::Deleted, "critical"},
      {"/usr/sbin/sshd", "/usr/lib/.x/libx.so", FileState::Present, "critical"},
      {"/usr/sbin/sshd", "/usr/lib/x86_64-linux-gnu/libx.so", FileState::Present, "critical"},
      {"/usr/sbin/nginx", "/usr/local/lib/libjemalloc.so.2", FileState::Present, "critical"},
      {"/usr/sbin/varnishd",
       "/var/lib/varnish/varnishd/vcl_boot.1/vgc.so",
       FileState::Present,
       "critical"},
      {"/usr/bin/redis-server", "/var/lib/redis/exp.so", FileState::Present, "critical"},
      {"/usr/sbin/nginx", "/memfd:x", FileState::Memfd, "medium"},
      {"/usr/sbin/nginx", "/tmp/ffiAbC123", FileState::Deleted, "low"},
      {"/usr/bin/dotnet", "/memfd:doublemapper", FileState::Memfd, "low"},
      {"/usr/bin/java", "/tmp/libnetty_epoll.so", FileState::Deleted, "low"},
      {"/usr/bin/python3.11", "/srv/venv/lib/x.so", FileState::Present, "low"},
      {"/usr/bin/python3.11", "/tmp/x.so", FileState::Present, "medium"},
      {"/usr/bin/php8.2", "/dev/zero", FileState::Deleted, ""},
      {"/usr/bin/postgres", "/SYSV00000000", FileState::Deleted, ""},
  }));
  RuleScene scene;
  const auto process = scene.run(row.program);
  scene.map(process, row.file).state = row.state;
  CHECK(scene.told("foreign-code-mapped").empty());
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.program, row.file);
  const std::string told = scene.told("foreign-code-mapped");
  CHECK(told.substr(0, told.find(' ')) == row.told);
}

TEST_CASE("foreign-code-mapped: a library that the parent made before the worker began") {
  RuleScene scene;
  const auto parent = scene.run("/usr/sbin/varnishd");
  const auto worker = scene.run(parent, "/usr/sbin/varnishd");
  scene.at(worker).program = scene.at(parent).program;
  scene.at(parent).start.nanoseconds -= 100'000'000'000;
  scene.listen(worker, 3, kAnywhere);
  schema::Program& library = scene.map(worker, "/var/lib/v/vgc.so");
  const auto started_ns = (test::kSceneTime.microseconds - test::kMinuteUs) * 1000;
  library.ctime_ns = started_ns - 5'000'000'000;
  CHECK(scene.told("foreign-code-mapped") == "low varnishd(101)");
  library.ctime_ns = started_ns - 200'000'000'000;
  CHECK(scene.told("foreign-code-mapped") == "critical varnishd(101)");
  library.ctime_ns = started_ns + 5'000'000'000;
  CHECK(scene.told("foreign-code-mapped") == "critical varnishd(101)");
  library.ctime_ns = started_ns - 5'000'000'000;
  library.path = "/dev/shm/vgc.so";
  CHECK(scene.told("foreign-code-mapped") == "critical varnishd(101)");
}

TEST_CASE("foreign-code-mapped: the program that a program was told to run") {
  const auto [file, argument, told] = GENERATE(table<const char*, const char*, const char*>(
      {{"/home/user/b/srvd", "/home/user/b/srvd", "low"},
       {"/home/user/b/srvd", "b/srvd", "low"},
       {"/tmp/b/srvd", "/tmp/b/srvd", "medium"},
       {"/tmp/b/x.so", "/tmp/b/x.so", "critical"},
       {"/home/user/b/srvd", "srvd", "critical"}}));
  CAPTURE(file, argument);
  RuleScene scene;
  const auto process = scene.run("/usr/bin/valgrind.bin", {"valgrind", argument});
  scene.map(process, file);
  scene.listen(process, 3, kAnywhere);
  CHECK(scene.told("foreign-code-mapped") == std::string(told) + " valgrind.bin(100)");
}

TEST_CASE("foreign-code-mapped: a library is no room for code, whatever its name") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/redis-server");
  scene.listen(process, 3, "127.0.0.1 6379");
  struct Row {
    const char* file;
    FileState state;
  };
  const Row row = GENERATE(values<Row>({{"/memfd:vmem", FileState::Memfd},
                                        {"/memfd:libffi", FileState::Memfd},
                                        {"/tmp/ffiAbCdEf", FileState::Deleted}}));
  auto& file = scene.map(process, row.file);
  file.state = row.state;
  file.size = 65536;
  CHECK(scene.told("foreign-code-mapped") == "low redis-server(100)");
  file.size = 15560;
  CHECK(scene.told("foreign-code-mapped") == "critical redis-server(100)");
}

TEST_CASE("foreign-code-mapped: modules of administrators") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/nginx");
  scene.give_unit(process, "nginx.service");
  scene.listen(process, 3, kAnywhere);
  auto& module = scene.map(process, "/usr/local/lib/module.so");
  CHECK(scene.told("foreign-code-mapped") == "medium nginx(100)");
  module.path = "/usr/lib/x86_64-linux-gnu/module.so";
  CHECK(scene.told("foreign-code-mapped") == "high nginx(100)");
  SECTION("plugins of users") {
    scene.give_unit(process, "");
    scene.give_user(process, 1000);
    module.path = "/home/alice/.mozilla/plugin.so";
    CHECK(scene.told("foreign-code-mapped") == "medium nginx(100)");
    scene.give_user(process, 33);
    CHECK(scene.told("foreign-code-mapped") == "critical nginx(100)");
  }
}

TEST_CASE("foreign-code-mapped: upgrades and alterations") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/sshd");
  scene.listen(process, 3, "0.0.0.0 22");
  auto& library = scene.map(process, "/usr/lib/x86_64-linux-gnu/libcrypto.so.3");
  library.package = "libssl3";
  library.verdict = PackageVerdict::Differs;
  CHECK(scene.told("foreign-code-mapped") == "critical sshd(100)");
  library.state = FileState::Replaced;
  CHECK(scene.told("foreign-code-mapped") == "info sshd(100)");
}

TEST_CASE("foreign-code-mapped: one row for a process, with the gravest files") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/nginx");
  scene.give_unit(process, "nginx.service");
  scene.listen(process, 3, kAnywhere);
  scene.map(process, "/usr/local/lib/a.so");
  CHECK(scene.told("foreign-code-mapped") == "medium nginx(100)");
  scene.map(process, "/tmp/b.so").state = FileState::Deleted;
  scene.map(process, "/tmp/c.so").state = FileState::Deleted;
  CHECK(scene.told("foreign-code-mapped") == "critical nginx(100)");
  CHECK(scene.why("foreign-code-mapped") == "it executes /tmp/b.so, deleted, and 1 more");
  scene.snapshot.context.preload_file = "/tmp/b.so /tmp/c.so";  // what host-preload tells
  CHECK(scene.told("foreign-code-mapped") == "medium nginx(100)");
}

TEST_CASE("library-everywhere") {
  RuleScene scene;
  const char* programs[] = {
      "/usr/sbin/sshd", "/usr/sbin/cron", "/usr/sbin/rsyslogd", "/usr/bin/bash"};
  const auto first = scene.run(programs[0]);
  scene.map(first, "/usr/lib/libselinux.so.8");
  const auto library = scene.snapshot.mappings.back().file;
  for (int at = 1; at < 3; ++at) {
    scene.snapshot.mappings.push_back({scene.run(programs[at]), library});
  }
  CHECK(scene.told("library-everywhere").empty());
  scene.snapshot.mappings.push_back({scene.run(programs[3]), library});
  CHECK(scene.told("library-everywhere") == "critical sshd(100)");
  CHECK_THAT(scene.why("library-everywhere"), Catch::Contains("4 processes of 4 packages"));
  scene.listen(first, 3, "0.0.0.0 22");
  CHECK(scene.told("foreign-code-mapped") == "low sshd(100)");  // told once for all
  SECTION("of a package") {
    scene.snapshot.programs[library.value()].verdict = PackageVerdict::Matches;
    CHECK(scene.told("library-everywhere").empty());
  }
  SECTION("in another mount namespace") {
    scene.at(first).mount_namespace = schema::Inode(9);
    CHECK(scene.told("library-everywhere").empty());
  }
}

TEST_CASE("renamed-tool: a package's path says what it is") {
  RuleScene scene;
  const std::string content(32, 'n');
  const auto elsewhere = scene.run_unowned("/srv/overlay/usr/bin/nc.openbsd");
  scene.program(elsewhere).sha256 = content;
  const auto genuine = scene.run("/usr/bin/nc.openbsd");
  scene.program(genuine).sha256 = content;
  const auto copy = scene.run_unowned("/opt/agent");
  scene.program(copy).sha256 = content;
  scene.listen(copy, 3, kAnywhere);
  CHECK(scene.why("renamed-tool") == "/opt/agent is /usr/bin/nc.openbsd");
}

TEST_CASE("renamed-tool") {
  RuleScene scene;
  const auto original = scene.run("/usr/bin/nc.openbsd");
  const auto copy = scene.run_unowned("/srv/agent");
  scene.listen(copy, 3, kAnywhere);
  CHECK(scene.told("renamed-tool").empty());
  scene.program(copy).sha256 = scene.program(original).sha256 = std::string(32, 'n');
  CHECK(scene.told("renamed-tool") == "high agent(101)");
  CHECK(scene.why("renamed-tool") == "/srv/agent is /usr/bin/nc.openbsd");
  SECTION("an interpreter that a product brings along") {
    scene.program(original).path = "/usr/bin/python3.11";
    CHECK(scene.told("renamed-tool") == "medium agent(101)");
  }
  SECTION("a copy that says what it is") {
    scene.program(copy).path = "/usr/local/bin/nc";
    CHECK(scene.told("renamed-tool").empty());
  }
  SECTION("a link of a package") {
    scene.program(copy).verdict = PackageVerdict::Matches;
    CHECK(scene.told("renamed-tool").empty());
  }
}

TEST_CASE("preloaded-library") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/daemon");
  scene.listen(process, 3, kAnywhere);
  SECTION("of a package") {
    scene.at(process).preload = std::string("LD_PRELOAD=libjemalloc.so.2\0", 28);
    CHECK(scene.told("preloaded-library") == "info daemon(100)");
    scene.gap(GapSource::ProcessField, schema::GapPart::Mappings, 100);
    CHECK(scene.told("preloaded-library") == "medium daemon(100)");
  }
  SECTION("of no package") {
    scene.at(process).preload = std::string("LD_PRELOAD=/usr/local/lib/x.so:libc.so.6\0", 41);
    scene.map(process, "/usr/local/lib/x.so");
    CHECK(scene.told("preloaded-library") == "medium daemon(100), info daemon(100)");
  }
  SECTION("from a temporary place") {
    scene.at(process).preload = std::string("LD_AUDIT=/tmp/x.so\0", 19);
    CHECK(scene.told("preloaded-library") == "high daemon(100)");
    CHECK(scene.why("preloaded-library") == "LD_AUDIT names /tmp/x.so");
  }
  SECTION("without a socket") {
    const auto other = scene.run("/usr/bin/fakeroot");
    scene.at(other).preload = std::string("LD_PRELOAD=/tmp/x.so\0", 21);
    CHECK(scene.told("preloaded-library").empty());
  }
}

}  // namespace sockwitness
