// How a program calls itself.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using schema::PackageVerdict;
using test::RuleScene;

namespace {

constexpr const char* kAnywhere = "0.0.0.0 8081";

}  // namespace

TEST_CASE("fake-kernel-thread") {
  struct Row {
    const char* name;
    const char* argument;
    bool fires;
  };
  const Row row = GENERATE(values<Row>({{"kworker/0:1", "/tmp/x", true},
                                        {"ksoftirqd/9", "x", true},
                                        {"kthreadd", "x", true},
                                        {"x", "[kworker/0:1]", true},
                                        {"x", "[migration/3]", true},
                                        {"x", "[kblockd] ", true},
                                        {"x", "[kworker/0:1-ev ents]", true},
                                        {"x", " ", true},
                                        {"oom_reaper", "x", true},
                                        {"kworker", "x", true},
                                        {"kdamond.7", "x", true},
                                        {"xfsaild/dm-0", "x", true},
                                        {"mlx5_health0000", "x", true},
                                        {"mlx5_health77", "x", true},
                                        {"migration", "x", false},
                                        {"(sd-pam)", "(sd-pam)", false},
                                        {"celery", "[celery beat]", false},
                                        {"[", "[", false},
                                        {"kworkerd", "kworkerd", false},
                                        {"x", "[x", false}}));
  RuleScene scene;
  const auto thread = scene.process("mlx5_health0001", 77);
  scene.at(thread).kernel_thread = true;
  const auto process = scene.run_unowned("/tmp/x", {row.argument});
  scene.listen(process, 3, kAnywhere);
  scene.at(process).name = row.name;
  CAPTURE(row.name, row.argument);
  CHECK(scene.told("fake-kernel-thread").empty() != row.fires);
  scene.at(process).kernel_thread = true;
  CHECK(scene.told("fake-kernel-thread").empty());
}

TEST_CASE("fake-kernel-thread: erased arguments, and a package's program") {
  RuleScene scene;
  const auto erased = scene.run_unowned("/opt/agent", {"", "", ""});
  CHECK(scene.told("fake-kernel-thread").empty());
  scene.listen(erased, 3, kAnywhere);
  CHECK(scene.told("fake-kernel-thread") == "critical agent(100)");
  CHECK(scene.why("fake-kernel-thread") == "it erased its arguments, so that ps shows [agent]");
  scene.gap(schema::GapSource::ProcessField, schema::GapPart::CommandLine, 100);
  CHECK(scene.told("fake-kernel-thread").empty());
  scene.run("/usr/sbin/lockd");
  CHECK(scene.told("fake-kernel-thread").empty());
  scene.run("/usr/bin/nc.traditional", {"[lockd]"});
  CHECK(scene.told("fake-kernel-thread") == "critical nc.traditional(102)");
}

TEST_CASE("borrowed-name") {
  RuleScene scene;
  scene.run("/usr/sbin/nginx");
  SECTION("a file of that name elsewhere") {
    const auto process = scene.run_unowned("/tmp/nginx");
    CHECK(scene.told("borrowed-name") == "low nginx(101)");
    scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 443");
    CHECK(scene.told("borrowed-name") == "high nginx(101)");
    CHECK_THAT(scene.why("borrowed-name"),
               Catch::Contains("says nginx, its program is /tmp/nginx"));
  }
  SECTION("a name that every system has") {
    const auto process = scene.run_unowned("/opt/x/agent", {"/usr/sbin/sshd -D"});
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name") == "high agent(101)");
  }
  SECTION("a daemon that is not installed") {
    const auto process = scene.run_unowned("/opt/x/dockerd");
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name") == "high dockerd(101)");
  }
  SECTION("a daemon that ran here once") {
    const auto process = scene.run_unowned("/opt/x/glusterd");
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name").empty());
    schema::Program once;
    once.path = "/usr/sbin/glusterd";
    once.package = "glusterfs-server";
    once.verdict = PackageVerdict::Matches;
    scene.known_programs.push_back(once);
    CHECK(scene.told("borrowed-name") == "high glusterd(101)");
  }
  SECTION("a server in its container, where nobody packages") {
    const auto process = scene.run_unowned("/usr/local/bin/redis-server");
    scene.at(process).container = "4f1c";
    scene.at(process).mount_namespace = schema::Inode(7);
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name") == "low redis-server(101)");
  }
  SECTION("a package's program that is called another's daemon") {
    const auto curl = scene.run("/usr/bin/curl", {"sshd: root", "-sN", "telnet://x:1"});
    CHECK(scene.told("borrowed-name").empty());
    scene.connect(curl, 3, "10.0.0.5 51234", "198.51.100.7 443");
    CHECK(scene.told("borrowed-name") == "high curl(101)");
    const auto mariadb = scene.run("/usr/sbin/mariadbd", {"/usr/sbin/mysqld"});
    scene.listen(mariadb, 3, "0.0.0.0 3306");
    CHECK(scene.told("borrowed-name") == "high curl(101)");
  }
  SECTION("perl that wrote a daemon's name over its arguments") {
    const auto process = scene.run("/usr/bin/perl", {"/usr/sbin/nginx -k start"});
    scene.at(process).name = "perl";
    scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 443");
    CHECK(scene.told("borrowed-name") == "high perl(101)");
  }
  SECTION("netcat of its package that is called so") {
    const auto process = scene.run("/usr/bin/nc.traditional", {"/usr/sbin/sshd", "-l"});
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name") == "high nc.traditional(101)");
    scene.at(process).command_line = std::string("netcat\0-l\0", 10);
    CHECK(scene.told("borrowed-name").empty());
    CHECK(scene.told("unrelated-name").empty());
    scene.at(process).command_line = std::string("updater\0-l\0", 11);
    scene.at(process).name = "updater";
    CHECK(scene.told("unrelated-name") == "medium updater(101)");
  }
  SECTION("another build in its unit") {
    const auto process = scene.run_unowned("/opt/nginx/sbin/nginx");
    scene.give_unit(process, "nginx-new.service");
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name") == "low nginx(101)");
    scene.give_unit(process, "");
    CHECK(scene.told("borrowed-name") == "low nginx(101)");
    SECTION("much smaller than the one that is installed") {
      scene.program(process).size = 16'000;
      scene.snapshot.programs.front().path = "/usr/sbin/nginx";
      scene.snapshot.programs.front().size = 1'000'000;
      CHECK(scene.told("borrowed-name") == "high nginx(101)");
    }
    SECTION("under another name than its file's") {
      scene.program(process).path = "/opt/nginx/sbin/agent";
      CHECK(scene.told("borrowed-name") == "high nginx(101)");
    }
    SECTION("loose") {
      scene.program(process).path = "/opt/nginx";
      CHECK(scene.told("borrowed-name") == "high nginx(101)");
    }
  }
  SECTION("programs of packages may be called as they like") {
    const auto redis =
        scene.run("/usr/bin/redis-check-rdb", {"/usr/bin/redis-server 127.0.0.1:6379"});
    scene.at(redis).name = "redis-server";
    scene.listen(redis, 6, "127.0.0.1 6379");
    scene.run("/usr/bin/redis-server");
    CHECK(scene.told("borrowed-name").empty());
  }
  SECTION("a script that is called what it is") {
    const auto process = scene.run("/usr/bin/python3.11", {"python3", "/opt/bin/nginx"});
    scene.give_script(process, "/opt/bin/nginx");
    scene.at(process).name = "nginx";
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name").empty());
  }
  SECTION("busybox is called as its applets") {
    const auto process = scene.run_unowned("/opt/busybox", {"crond"});
    scene.at(process).name = "crond";
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("borrowed-name").empty());
  }
}

TEST_CASE("unrelated-name") {
  RuleScene scene;
  SECTION("exec -a") {
    const auto process = scene.run_unowned("/opt/x/backdoor", {"/usr/sbin/httpd"});
    scene.at(process).name = "httpd";
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("unrelated-name") == "medium httpd(100)");
  }
  SECTION("an interpreter under a path that is not its own") {
    const auto process = scene.run("/usr/bin/perl", {"/usr/sbin/apache -k start"});
    scene.at(process).name = "apache";
    scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 443");
    CHECK(scene.told("unrelated-name") == "medium apache(100)");
  }
  SECTION("titles of servers") {
    const auto puma = scene.run("/usr/bin/ruby3.1", {"puma 5.6.5 (tcp://0.0.0.0:3000)"});
    scene.at(puma).name = "puma";
    scene.listen(puma, 3, kAnywhere);
    const auto nginx = scene.run_unowned("/opt/nginx/sbin/nginx", {"nginx: master process"});
    scene.listen(nginx, 3, "0.0.0.0 80");
    const auto linked = scene.run_unowned("/opt/foo-1.2/foo-server", {"/usr/local/bin/foo"});
    scene.listen(linked, 3, "0.0.0.0 81");
    CHECK(scene.told("unrelated-name").empty());
  }
  SECTION("a package's program") {
    const auto process = scene.run("/usr/lib/x/y", {"/usr/sbin/httpd"});
    scene.at(process).name = "httpd";
    scene.listen(process, 3, kAnywhere);
    CHECK(scene.told("unrelated-name").empty());
  }
}

TEST_CASE("lookalike-name") {
  struct Row {
    const char* name;
    bool fires;
  };
  const Row row = GENERATE(values<Row>({{"nginz", true},
                                        {"sshd ", true},
                                        {"ng1nx", true},
                                        {"crom", true},
                                        {"crond.", true},
                                        {"systemd-joumald", true},
                                        {"nmbd", false},
                                        {"nginx2", false},
                                        {"\xd1\x95shd", true},
                                        {"nginx", false},
                                        {"postgres15", false},
                                        {"agent", false},
                                        {"ssd", false}}));
  RuleScene scene;
  scene.run("/usr/sbin/nginx");
  const auto process = scene.run_unowned(std::string("/opt/") + row.name);
  scene.listen(process, 3, kAnywhere);
  CAPTURE(row.name);
  CHECK(scene.told("lookalike-name").empty() != row.fires);
  scene.program(process).verdict = PackageVerdict::Matches;
  CHECK(scene.told("lookalike-name").empty());
}

}  // namespace sockwitness
