// Where a program comes from.

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
    scene.snapshot.context.package_database_mtime_ns = test::kSceneTime.microseconds * 1000;
    CHECK(scene.told("replaced-program") == "info daemon(100)");
  }
  SECTION("no package changed since the start") {
    CHECK(scene.told("replaced-program") == "high daemon(100)");
    scene.at(process).container = "4f1c";
    CHECK(scene.told("replaced-program") == "low daemon(100)");
  }
  SECTION("what runs on is the package's own") {
    scene.program(process).verdict = PackageVerdict::Matches;
    CHECK(scene.told("replaced-program") == "info daemon(100)");
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
                            {"/usr/local/bin/agent", "low agent(100)"},
                            {"/opt/x/bin/agent", "low agent(100)"},
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

TEST_CASE("unpackaged-program: a script where data lies that calls out") {
  const auto [path, told] =
      GENERATE(table<const char*, const char*>({{"/var/lib/misc/u.pl", "medium perl(100)"},
                                                {"/etc/network/u.pl", "medium perl(100)"},
                                                {"/var/www/site/u.pl", ""},
                                                {"/var/lib/shop/bin/u.pl", ""},
                                                {"/srv/u.pl", ""}}));
  CAPTURE(path);
  RuleScene scene;
  const auto process = scene.run("/usr/bin/perl", {"perl", path});
  scene.give_script(process, path);
  scene.connect(process, 3, "10.0.0.5 50000", "198.51.100.7 443");
  CHECK(scene.told("unpackaged-program") == told);
  SECTION("in a unit") {
    scene.give_unit(process, "u.service");
    CHECK(scene.told("unpackaged-program").empty());
  }
  SECTION("it answers as well") {
    scene.listen(process, 4, "0.0.0.0 8081");
    CHECK(scene.told("unpackaged-program").empty());
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
  const auto process = scene.run_unowned("/opt/agent");
  scene.listen(process, 3, kAnywhere);
  const auto started_ns = (test::kSceneTime.microseconds - test::kMinuteUs) * 1000;
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
  SECTION("where programs are installed by hand") {
    for (const char* path : {"/usr/local/bin/agent", "/opt/x/sbin/agent"}) {
      scene.program(process).path = path;
      CHECK(scene.told("fresh-program") == "low agent(100)");
    }
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

}  // namespace sockwitness
