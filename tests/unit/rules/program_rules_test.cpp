// Where a program comes from, and what it loads.

#include <catch2/catch.hpp>

#include "tests/unit/rules/rule_scene.h"

namespace sockwitness {

using schema::FileState;
using schema::GapSource;
using schema::PackageVerdict;
using test::RuleScene;

namespace {

constexpr const char* kAnywhere = "0.0.0.0 8081";

}  // namespace

TEST_CASE("deleted-program") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/agent");
  scene.program(process).state = FileState::Deleted;
  CHECK(scene.told("deleted-program") == "low agent(100)");
  scene.listen(process, 3, kAnywhere);
  CHECK(scene.told("deleted-program") == "high agent(100)");
  scene.program(process).path = "/tmp/.mount_x1/AppRun";
  CHECK(scene.told("deleted-program") == "low agent(100)");
  scene.program(process).state = FileState::Replaced;
  CHECK(scene.told("deleted-program").empty());
}

TEST_CASE("replaced-program") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/daemon");
  scene.listen(process, 3, kAnywhere);
  scene.program(process).state = FileState::Replaced;
  scene.program(process).verdict = PackageVerdict::Differs;
  SECTION("the package changed after the start: an upgrade") {
    scene.snapshot.context.package_database_mtime_ns = test::kNoon.microseconds * 1000;
    CHECK(scene.told("replaced-program") == "info daemon(100)");
  }
  SECTION("no package changed since the start") {
    CHECK(scene.told("replaced-program") == "high daemon(100)");
    scene.at(process).container = "4f1c";
    CHECK(scene.told("replaced-program") == "low daemon(100)");
  }
  SECTION("deployed anew") {
    scene.program(process).package.clear();
    scene.program(process).verdict = PackageVerdict::NotOwned;
    CHECK(scene.told("replaced-program") == "high daemon(100)");
    scene.give_unit(process, "daemon.service");
    CHECK(scene.told("replaced-program") == "low daemon(100)");
    scene.give_unit(process, "");
    scene.terminal(process, 1);
    CHECK(scene.told("replaced-program") == "low daemon(100)");
  }
  SECTION("neither altered nor deleted") {
    CHECK(scene.told("altered-program").empty());
    CHECK(scene.told("deleted-program").empty());
  }
}

TEST_CASE("memory-program") {
  RuleScene scene;
  const auto process = scene.run_unowned("/memfd:x");
  scene.program(process).state = FileState::Memfd;
  CHECK(scene.told("memory-program") == "low memfd:x(100)");
  scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 443");
  CHECK(scene.told("memory-program") == "critical memfd:x(100)");
}

TEST_CASE("program-in-temporary-place") {
  struct Row {
    const char* path;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({{"/tmp/x", "high x(100)"},
                                        {"/var/tmp/x", "high x(100)"},
                                        {"/dev/shm/x", "high x(100)"},
                                        {"/run/user/1000/x", "high x(100)"},
                                        {"/dev/.hid/x", "high x(100)"},
                                        {"/tmp/.mount_y/x", "low x(100)"},
                                        {"/opt/tmp/x", ""},
                                        {"/home/alice/tmp/x", ""}}));
  RuleScene scene;
  const auto process = scene.run_unowned(row.path);
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.path);
  CHECK(scene.told("program-in-temporary-place") == row.told);
}

TEST_CASE("program-in-temporary-place: tests on loopback, and without a socket") {
  RuleScene scene;
  const auto process = scene.run_unowned("/tmp/go-build1/b001/exe/test");
  CHECK(scene.told("program-in-temporary-place") == "low test(100)");
  scene.listen(process, 3, "127.0.0.1 8081");
  CHECK(scene.told("program-in-temporary-place") == "high test(100)");
  scene.give_user(process, 1000);
  CHECK(scene.told("program-in-temporary-place") == "medium test(100)");
  scene.listen(process, 4, kAnywhere);
  CHECK(scene.told("program-in-temporary-place") == "high test(100)");
  RuleScene working;
  const auto gunicorn = working.run(
      "/usr/bin/python3.11", {"python3", "/usr/bin/gunicorn", "--worker-tmp-dir", "/dev/shm"});
  working.at(gunicorn).working_directory = "/tmp";
  working.listen(gunicorn, 3, kAnywhere);
  CHECK(working.told("program-in-temporary-place").empty());
}

TEST_CASE("hidden-program") {
  struct Row {
    const char* path;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({{"/usr/lib/.x/agent", "high agent(100)"},
                                        {"/etc/.agent", "high .agent(100)"},
                                        {"/var/lib/.../agent", "high agent(100)"},
                                        {"/home/alice/.../agent", "high agent(100)"},
                                        {"/opt/ /agent", "high agent(100)"},
                                        {"/home/alice/.cargo/bin/agent", "low agent(100)"},
                                        {"/root/.nvm/bin/agent", "low agent(100)"},
                                        {"/srv/app/.venv/bin/agent", "low agent(100)"},
                                        {"/nix/store/x/bin/.agent-wrapped", ""},
                                        {"/opt/agent", ""}}));
  RuleScene scene;
  const auto process = scene.run_unowned(row.path);
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.path);
  CHECK(scene.told("hidden-program") == row.told);
}

TEST_CASE("unpackaged-program") {
  struct Row {
    const char* path;
    const char* told;
  };
  const Row row =
      GENERATE(values<Row>({{"/usr/bin/agent", "high agent(100)"},
                            {"/usr/sbin/agent", "high agent(100)"},
                            {"/usr/lib/x/agent", "medium agent(100)"},
                            {"/usr/lib/node_modules/esbuild/bin/esbuild", "low esbuild(100)"},
                            {"/usr/local/bin/agent", "medium agent(100)"},
                            {"/opt/x/agent", "medium agent(100)"},
                            {"/run/agent", "high agent(100)"},
                            {"/etc/agent", "high agent(100)"},
                            {"/var/www/html/agent", "high agent(100)"},
                            {"/data/agent", "medium agent(100)"},
                            {"/home/alice/agent", "medium agent(100)"}}));
  RuleScene scene;
  const auto process = scene.run_unowned(row.path);
  CHECK(scene.told("unpackaged-program").empty());
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.path);
  CHECK(scene.told("unpackaged-program") == row.told);
  SECTION("a host whose packages nobody can read") {
    scene.program(process).verdict = PackageVerdict::NoDatabase;
    CHECK(scene.told("unpackaged-program").empty());
    scene.at(schema::ProcessIndex(0)).mount_namespace = scene.at(process).mount_namespace;
    CHECK(scene.told("unpackaged-program").empty());
  }
  SECTION("a root of its own without packages, on a host with some") {
    scene.program(process).verdict = PackageVerdict::NoDatabase;
    scene.at(schema::ProcessIndex(0)).mount_namespace = schema::Inode(7);
    CHECK(scene.told("unpackaged-program") ==
          "medium " + std::string(row.told).substr(std::string_view(row.told).find(' ') + 1));
    scene.at(process).container = "4f1c";
    CHECK(scene.told("unpackaged-program").empty());
  }
  SECTION("the baseline has it with the same content") {
    schema::ServiceSet baseline;
    schema::Service service;
    schema::Owner owner;
    owner.program = scene.program(process);
    service.owners = {owner};
    baseline.services = {service};
    scene.baseline = &baseline;
    CHECK_THAT(scene.told("unpackaged-program"), Catch::StartsWith("info "));
    scene.program(process).sha256[0] = '!';
    CHECK(scene.told("unpackaged-program") == row.told);
  }
}

// Root's own on all addresses weighs more than what administrators usually install.
TEST_CASE("unpackaged-program of root where everybody reaches it") {
  RuleScene scene;
  const auto process = scene.run_unowned("/opt/x/agent");
  const auto told = [&] { return scene.told("unpackaged-program"); };
  SECTION("on one address") {
    scene.listen(process, 3, "192.0.2.1 8081");
    CHECK(told() == "low agent(100)");
  }
  SECTION("on loopback") {
    scene.listen(process, 3, "127.0.0.1 8081");
    CHECK(told() == "low agent(100)");
  }
  SECTION("on all of IPv6") {
    scene.listen(process, 3, ":: 8081");
    CHECK(told() == "medium agent(100)");
  }
  SECTION("a UDP port that the kernel chose") {
    scene.listen(process, 3, "0.0.0.0 40000", schema::Protocol::Udp);
    CHECK(told() == "low agent(100)");
  }
  SECTION("not root's") {
    scene.give_user(process, 1000);
    scene.listen(process, 3, kAnywhere);
    CHECK(told() == "low agent(100)");
  }
  SECTION("in a container") {
    scene.at(process).container = "4f1c";
    scene.listen(process, 3, kAnywhere);
    CHECK(told() == "low agent(100)");
  }
  SECTION("in a unit") {
    scene.give_unit(process, "agent.service");
    scene.listen(process, 3, kAnywhere);
    CHECK(told() == "medium agent(100)");
  }
}

TEST_CASE("altered-program") {
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/sshd");
  scene.program(process).verdict = PackageVerdict::Differs;
  CHECK(scene.told("altered-program") == "high sshd(100)");
  scene.listen(process, 3, "0.0.0.0 22");
  CHECK(scene.told("altered-program") == "critical sshd(100)");
  scene.program(process).verdict = PackageVerdict::NoChecksum;
  CHECK(scene.told("altered-program").empty());
  SECTION("an edited script") {
    const auto python = scene.run("/usr/bin/python3.11", {"python3", "/usr/bin/tool"});
    scene.give_script(python, "/usr/bin/tool", true);
    scene.snapshot.programs.back().verdict = PackageVerdict::Differs;
    CHECK(scene.told("altered-program") == "low python3.11(101)");
    scene.listen(python, 3, kAnywhere);
    CHECK(scene.told("altered-program") == "medium python3.11(101)");
  }
}

TEST_CASE("script-gone") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/perl", {"perl", "/opt/x/a.pl"});
  scene.at(process).script = "/opt/x/a.pl";
  CHECK(scene.told("script-gone").empty());
  scene.listen(process, 3, kAnywhere);
  CHECK(scene.told("script-gone") == "high perl(100)");
  SECTION("named relative to a directory that it may have left") {
    scene.at(process).command_line = std::string("perl\0a.pl\0", 10);
    CHECK(scene.told("script-gone").empty());
  }
  SECTION("not looked at") {
    scene.gap(GapSource::ProcessField, schema::GapPart::Script);
    CHECK(scene.told("script-gone").empty());
  }
  SECTION("another process was not looked at") {
    scene.gap(GapSource::ProcessField, schema::GapPart::Script, 4711);
    CHECK(scene.told("script-gone") == "high perl(100)");
  }
  SECTION("a service whose release was removed") {
    scene.give_unit(process, "app.service");
    CHECK(scene.told("script-gone") == "medium perl(100)");
  }
  SECTION("there") {
    scene.give_script(process, "/opt/x/a.pl");
    CHECK(scene.told("script-gone").empty());
  }
}

TEST_CASE("script-in-temporary-place") {
  struct Row {
    const char* script;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({{"/tmp/a.py", "high python3.11(100)"},
                                        {"/dev/shm/a.py", "high python3.11(100)"},
                                        {"/dev/fd/63", "high python3.11(100)"},
                                        {"/tmp/.x/a.py", "high python3.11(100)"},
                                        {"/var/lib/.x/a.py", "high python3.11(100)"},
                                        {"/home/alice/.../a.py", "high python3.11(100)"},
                                        {"/home/alice/.local/bin/jupyter", "low python3.11(100)"},
                                        {"/srv/app/.venv/bin/gunicorn", "low python3.11(100)"},
                                        {"/srv/app/a.py", ""},
                                        {"-m http.server", ""}}));
  RuleScene scene;
  const auto process = scene.run("/usr/bin/python3.11", {"python3", row.script});
  scene.give_script(process, row.script);
  CHECK(scene.told("script-in-temporary-place").empty());
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.script);
  CHECK(scene.told("script-in-temporary-place") == row.told);
}

TEST_CASE("script-in-temporary-place: what it was told to load") {
  struct Row {
    const char* path;
    std::initializer_list<std::string_view> arguments;
    bool fires;
  };
  const Row rows[] = {
      {"/usr/bin/gawk", {"gawk", "-f", "/tmp/x.awk"}, true},
      {"/usr/bin/gdb", {"gdb", "-nx", "-batch", "-x", "/tmp/x.gdb"}, true},
      {"/usr/bin/java", {"java", "-cp", "/tmp", "Ev"}, true},
      {"/usr/bin/java", {"java", "-cp", "/opt/a.jar:/tmp/x", "Ev"}, true},
      {"/usr/bin/java", {"java", "-javaagent:/dev/shm/a.jar", "-jar", "/opt/a.jar"}, true},
      {"/usr/bin/node", {"node", "--require=/tmp/x.js", "/opt/a"}, true},
      {"/usr/bin/perl", {"perl", "-I/tmp/x", "-MEv", "-e1"}, true},
      {"/usr/bin/ruby", {"ruby", "-r/tmp/x.rb", "-e", "0"}, true},
      {"/usr/bin/php8.2", {"php", "-d", "auto_prepend_file=/tmp/x.php", "/opt/a"}, true},
      {"/usr/bin/gawk", {"gawk", "-f", "x.awk"}, false},
      {"/usr/bin/java", {"java", "-cp", "lib/a.jar:.", "Ev"}, false},
      {"/usr/bin/java", {"java", "-Djava.io.tmpdir=/tmp", "-jar", "/opt/a.jar"}, false},
      {"/usr/bin/perl", {"perl", "/opt/a", "-I", "/tmp/x"}, false},
      {"/usr/bin/python3.11", {"python3", "/opt/a", "--worker-tmp-dir", "/dev/shm"}, false},
      {"/usr/bin/node", {"node", "-r", "/home/alice/.nvm/x.js", "/opt/a"}, false},
  };
  for (const Row& row : rows) {
    RuleScene scene;
    const auto process = scene.run(row.path, row.arguments);
    scene.at(process).working_directory = "/srv";
    scene.listen(process, 3, kAnywhere);
    if (row.arguments.begin()[1] == "/opt/a") {
      scene.give_script(process, "/opt/a");
    }
    CAPTURE(std::vector<std::string_view>(row.arguments));
    CHECK(scene.told("script-in-temporary-place").starts_with("high ") == row.fires);
    if (row.fires) {
      continue;
    }
    CHECK(scene.told("script-in-temporary-place").empty());
    if (row.arguments.begin()[2] == "x.awk") {
      scene.at(process).working_directory = "/tmp";
      CHECK(scene.told("script-in-temporary-place") == "high gawk(100)");
    }
  }
}

TEST_CASE("script-in-temporary-place: netcat below a script") {
  RuleScene scene;
  const auto script = scene.run("/usr/bin/bash", {"bash", "/dev/shm/serve.sh"});
  scene.give_script(script, "/dev/shm/serve.sh");
  const auto daemon = scene.run(script, "/usr/sbin/nginx");
  scene.listen(daemon, 6, "0.0.0.0 80");
  CHECK(scene.told("script-in-temporary-place").empty());  // tests start daemons so
  const auto nc = scene.run(script, "/usr/bin/nc.openbsd", {"nc", "-l", "9000"});
  scene.listen(nc, 3, kAnywhere);
  CHECK(scene.told("script-in-temporary-place") == "medium bash(100)");
  scene.give_script(script, "/usr/local/bin/serve.sh");
  CHECK(scene.told("script-in-temporary-place").empty());
}

TEST_CASE("fresh-program") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/agent");
  scene.listen(process, 3, kAnywhere);
  const auto started_ns = (test::kNoon.microseconds - test::kMinuteUs) * 1000;
  scene.program(process).ctime_ns = started_ns - 61'000'000'000;
  CHECK(scene.told("fresh-program") == "medium agent(100)");
  CHECK(scene.why("fresh-program") == "its file was 61 seconds old");
  SECTION("a deployment") {
    scene.give_unit(process, "agent.service");
    CHECK(scene.told("fresh-program") == "low agent(100)");
  }
  SECTION("a developer at a terminal") {
    scene.at(process).tty = 34816;
    CHECK(scene.told("fresh-program") == "low agent(100)");
  }
  SECTION("an old file") {
    scene.program(process).ctime_ns = started_ns - 3'600'000'000'000;
    CHECK(scene.told("fresh-program").empty());
  }
  SECTION("changed after the start") {
    scene.program(process).ctime_ns = started_ns + 1'000'000'000;
    CHECK(scene.told("fresh-program").empty());
  }
  SECTION("an upgraded package") {
    scene.program(process).verdict = PackageVerdict::Matches;
    CHECK(scene.told("fresh-program").empty());
  }
}

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
       "low"},
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
