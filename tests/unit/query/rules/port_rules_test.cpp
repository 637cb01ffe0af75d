// What a port and its owner say.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using schema::PackageVerdict;
using schema::Protocol;
using schema::Uid;
using test::RuleScene;

TEST_CASE("wrong-owner-of-port") {
  RuleScene scene;
  const auto other = scene.run("/usr/sbin/cron");
  scene.give_unit(other, "cron.service");
  const auto python = scene.run("/usr/bin/python3.11", {"python3", "/root/a.py"});
  scene.give_script(python, "/root/a.py");
  const auto socket = scene.listen(python, 3, "0.0.0.0 80");
  CHECK(scene.told("wrong-owner-of-port") == "high python3.11(101)");
  CHECK(scene.why("wrong-owner-of-port") == "port 80 is http; /root/a.py is of no package");
  SECTION("on loopback one step less") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("wrong-owner-of-port") == "medium python3.11(101)");
  }
  SECTION("a service of one's own") {
    scene.give_unit(python, "app.service");
    CHECK(scene.told("wrong-owner-of-port") == "low python3.11(101)");
  }
  SECTION("a host without units") {
    scene.at(other).unit.clear();
    CHECK(scene.told("wrong-owner-of-port") == "medium python3.11(101)");
    scene.at(python).login_uid = Uid(1000);
    CHECK(scene.told("wrong-owner-of-port") == "high python3.11(101)");
  }
  SECTION("a package's script or program, whatever its name") {
    scene.give_script(python, "/usr/share/x/server.py", true);
    scene.listen(scene.run("/usr/sbin/anything"), 4, "0.0.0.0 22");
    CHECK(scene.told("wrong-owner-of-port").empty());
  }
  SECTION("ports without a well-known service, high ports of web applications") {
    scene.at(socket).local_port = schema::Port(81);
    CHECK(scene.told("wrong-owner-of-port").empty());
    scene.at(socket).local_port = schema::Port(8080);
    CHECK(scene.told("wrong-owner-of-port").empty());
    scene.at(socket).local_port = schema::Port(6379);
    CHECK(scene.told("wrong-owner-of-port") == "high python3.11(101)");
  }
  SECTION("a relay in front of it") {
    const auto socat = scene.run("/usr/bin/socat", {"socat", "TCP-LISTEN:53", "TCP:x:1"});
    scene.listen(socat, 5, "0.0.0.0 53");
    CHECK(scene.told("wrong-owner-of-port") == "high python3.11(101), high socat(102)");
    CHECK_THAT(scene.why("wrong-owner-of-port"),
               Catch::Contains("/usr/bin/socat hands bytes to whoever connects"));
  }
  SECTION("a cache where another service belongs") {
    const auto redis = scene.run("/usr/bin/redis-check-rdb");
    scene.listen(redis, 6, "0.0.0.0 22");
    CHECK(scene.told("wrong-owner-of-port") == "high python3.11(101), medium redis-check-rdb(102)");
  }
}

TEST_CASE("service-on-other-port") {
  RuleScene scene;
  const auto sshd = scene.run("/usr/sbin/sshd");
  scene.listen(sshd, 3, "0.0.0.0 22");
  CHECK(scene.told("service-on-other-port").empty());
  scene.listen(sshd, 4, "0.0.0.0 22022");
  CHECK(scene.told("service-on-other-port") == "low sshd(100)");
}

TEST_CASE("backdoor-port") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/agent");
  const auto socket = scene.listen(process, 3, "0.0.0.0 4444");
  CHECK(scene.told("backdoor-port") == "medium agent(100)");
  SECTION("in a unit") {
    scene.give_unit(process, "grid.service");
    CHECK(scene.told("backdoor-port") == "low agent(100)");
  }
  SECTION("on loopback") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("backdoor-port") == "low agent(100)");
  }
  SECTION("of a package") {
    scene.program(process).verdict = PackageVerdict::Matches;
    CHECK(scene.told("backdoor-port").empty());
  }
  SECTION("of a super-server, which answers with any program") {
    scene.program(process).verdict = PackageVerdict::Matches;
    scene.program(process).path = "/usr/sbin/inetd";
    CHECK(scene.told("backdoor-port") == "medium agent(100)");
  }
  SECTION("a port that others have, too") {
    scene.at(socket).local_port = schema::Port(8888);
    CHECK(scene.told("backdoor-port") == "low agent(100)");
  }
  SECTION("another port") {
    scene.at(socket).local_port = schema::Port(4443);
    CHECK(scene.told("backdoor-port").empty());
  }
}

TEST_CASE("low-port-of-user") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/perl", {"perl", "/srv/a.pl"});
  scene.give_user(process, 33);
  const auto socket = scene.listen(process, 3, "0.0.0.0 443");
  CHECK(scene.told("low-port-of-user") == "medium perl(100)");
  SECTION("opened by root, who then gave up his rights") {
    scene.at(socket).uid = Uid(0);
    CHECK(scene.told("low-port-of-user").empty());
  }
  SECTION("with the capability") {
    scene.at(process).capabilities = 1U << 10U;
    CHECK(scene.told("low-port-of-user").empty());
  }
  SECTION("where the host lets everybody have it") {
    scene.snapshot.context.unprivileged_first = schema::Port(443);
    CHECK(scene.told("low-port-of-user").empty());
    scene.at(socket).local_port = schema::Port(442);
    CHECK(scene.told("low-port-of-user") == "medium perl(100)");
  }
  SECTION("in a unit, in a container's namespace") {
    scene.give_unit(process, "app.service");
    CHECK(scene.told("low-port-of-user").empty());
  }
  SECTION("in another namespace") {
    scene.at(socket).netns = scene.netns("container 4f1c");
    CHECK(scene.told("low-port-of-user").empty());
  }
}

TEST_CASE("ephemeral-listener") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/agent");
  const auto socket = scene.listen(process, 3, "0.0.0.0 40000");
  CHECK(scene.told("ephemeral-listener") == "low agent(100)");
  SECTION("registered at rpcbind") {
    scene.snapshot.registrations = {{100024, 1, "tcp", "0.0.0.0.156.64", "superuser"}};
    CHECK(scene.told("ephemeral-listener").empty());
  }
  SECTION("of a package") {
    scene.program(process).verdict = PackageVerdict::Matches;
    CHECK(scene.told("ephemeral-listener").empty());
  }
  SECTION("below the range") {
    scene.at(socket).local_port = schema::Port(8000);
    CHECK(scene.told("ephemeral-listener").empty());
  }
}

TEST_CASE("shared-port") {
  RuleScene scene;
  const auto nginx = scene.run("/usr/sbin/nginx");
  const auto first = scene.listen(nginx, 6, "0.0.0.0 80");
  const auto thief = scene.run_unowned("/opt/x/thief");
  const auto second = scene.listen(thief, 3, "10.0.0.5 80");
  CHECK(scene.told("shared-port") == "high thief(101)");
  CHECK(scene.why("shared-port") == "nginx(100) listens on port 80, too");
  SECTION("addresses that do not meet") {
    scene.at(first).local_address = *schema::IpAddress::parse("127.0.0.53");
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("both of packages") {
    scene.program(thief).verdict = PackageVerdict::Matches;
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("parent and child") {
    scene.at(thief).parent = scene.at(nginx).pid;
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("one unit") {
    scene.give_unit(nginx, "web.service");
    scene.give_unit(thief, "web.service");
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("the same program") {
    scene.program(thief).path = "/usr/sbin/nginx";
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("the same interpreter with another script is another program") {
    for (const auto process : {nginx, thief}) {
      scene.program(process).path = "/usr/bin/python3.11";
      scene.program(process).verdict = PackageVerdict::Matches;
    }
    scene.give_script(nginx, "/srv/a.py");
    scene.give_script(thief, "/srv/b.py");
    CHECK(scene.told("shared-port") == "high thief(101)");
  }
  SECTION("another namespace, protocol or port") {
    scene.at(second).netns = scene.netns("container 4f1c");
    CHECK(scene.told("shared-port").empty());
  }
  SECTION("mDNS is made to be shared") {
    for (const auto socket : {first, second}) {
      scene.at(socket).protocol = Protocol::Udp;
      scene.at(socket).state = schema::SocketState::Unconnected;
      scene.at(socket).local_port = schema::Port(5353);
    }
    CHECK(scene.told("shared-port") == "low thief(101)");
  }
}

TEST_CASE("ad-hoc-server") {
  RuleScene scene;
  struct Row {
    const char* path;
    std::initializer_list<std::string_view> arguments;
    const char* script;
  };
  const Row rows[] = {
      {"/usr/bin/python3.11", {"python3", "-m", "http.server"}, "-m http.server"},
      {"/usr/bin/php8.2", {"php", "-S", "0.0.0.0:80"}, ""},
      {"/usr/bin/ruby3.1", {"ruby", "-run", "-e", "httpd", "."}, ""},
      {"/usr/bin/busybox", {"busybox", "httpd", "-f"}, ""},
  };
  for (const Row& row : rows) {
    RuleScene each;
    const auto process = each.run(row.path, row.arguments);
    each.at(process).script = row.script;
    each.at(process).working_directory = "/home/alice/site";
    const auto socket = each.listen(process, 3, "127.0.0.1 8000");
    CAPTURE(row.path);
    CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("info "));
    for (const char* directory : {"/tmp/x", "/dev/shm", "/home/alice/.ssh"}) {
      each.at(process).working_directory = directory;
      CAPTURE(directory);
      CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("high "));
    }
    each.at(socket).local_address = schema::IpAddress();
    for (const char* directory : {"/root", "/", "/etc", "/var/lib/", "/var/log/nginx", "/home"}) {
      each.at(process).working_directory = directory;
      CAPTURE(directory);
      CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("high "));
    }
    each.at(process).working_directory = "/home/alice/site";
    CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("low "));
    each.at(socket).local_port = schema::Port(80);
    CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("medium "));
    each.at(socket).local_port = schema::Port(8000);
    each.give_user(process, 33);
    CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("high "));
  }
  SECTION("the directory of the arguments counts") {
    const Row told[] = {
        {"/usr/bin/python3.11", {"python3", "-m", "http.server", "-d", "/tmp"}, "-m http.server"},
        {"/usr/bin/python3.11",
         {"python3", "-m", "http.server", "--directory", "/"},
         "-m http.server"},
        {"/usr/bin/python3.11",
         {"python3", "-m", "http.server", "--directory=/root/x"},
         "-m http.server"},
        {"/usr/bin/php8.2", {"php", "-S", "0.0.0.0:80", "-t", "/root"}, ""},
        {"/usr/bin/ruby3.1", {"ruby", "-run", "-e", "httpd", "/tmp"}, ""},
        {"/usr/bin/busybox", {"busybox", "httpd", "-f", "-h", "/tmp/x"}, ""},
    };
    for (const Row& row : told) {
      RuleScene each;
      const auto process = each.run(row.path, row.arguments);
      each.at(process).script = row.script;
      each.at(process).working_directory = "/opt";
      each.listen(process, 3, "0.0.0.0 8000");
      const std::string last(*(row.arguments.end() - 1));
      CAPTURE(last);
      CHECK_THAT(each.told("ad-hoc-server"), Catch::StartsWith("high "));
      CHECK(each.why("ad-hoc-server") == "it serves " + last.substr(last.find('/')));
    }
  }
  SECTION("other servers") {
    const auto process = scene.run("/usr/bin/python3.11", {"python3", "/srv/app.py"});
    scene.give_script(process, "/srv/app.py");
    scene.listen(process, 3, "0.0.0.0 8000");
    CHECK(scene.told("ad-hoc-server").empty());
  }
}

TEST_CASE("relay-listener") {
  RuleScene scene;
  const auto socat = scene.run("/usr/bin/socat", {"socat", "TCP-LISTEN:80,fork", "TCP:x:1"});
  const auto socket = scene.listen(socat, 5, "0.0.0.0 80");
  CHECK(scene.told("relay-listener") == "medium socat(100)");
  SECTION("its handlers inherited the listener") {
    const auto child =
        scene.run(socat, "/usr/bin/socat", {"socat", "TCP-LISTEN:80,fork", "TCP:x:1"});
    scene.hold(socket, child, 5);
    CHECK(scene.told("relay-listener") == "medium socat(100)");
  }
  SECTION("in a unit") {
    scene.give_unit(socat, "relay.service");
    CHECK(scene.told("relay-listener") == "low socat(100)");
  }
  SECTION("on loopback it leads on as well") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("relay-listener") == "medium socat(100)");
  }
  SECTION("a copy of a file") {
    const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "-l", "9000"});
    scene.listen(nc, 3, "0.0.0.0 9000");
    CHECK(scene.told("relay-listener") == "medium socat(100), low nc.openbsd(101)");
  }
  SECTION("two netcats and a pipe") {
    const auto first = scene.run("/usr/bin/nc.openbsd", {"nc", "-l", "9000"});
    scene.listen(first, 3, "127.0.0.1 9000");
    scene.pipe(first, 1, 77);
    const auto second = scene.run("/usr/bin/nc.openbsd", {"nc", "10.0.0.9", "22"});
    scene.connect(second, 3, "10.0.0.5 51234", "10.0.0.9 22");
    scene.pipe(second, 0, 77);
    CHECK(scene.told("relay-listener") == "medium socat(100), medium nc.openbsd(101)");
  }
  SECTION("a proxy command of ssh") {
    const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "host", "22"});
    scene.connect(nc, 3, "10.0.0.5 51234", "198.51.100.7 22");
    CHECK(scene.told("relay-listener") == "medium socat(100)");
  }
  SECTION("a tunnel by its name") {
    scene.listen(scene.run_unowned("/opt/chisel"), 3, "0.0.0.0 9000");
    CHECK(scene.told("relay-listener") == "medium socat(100), medium chisel(101)");
  }
  SECTION("a tunnel of a package") {
    const auto microsocks = scene.run("/usr/bin/microsocks");
    const auto proxy = scene.listen(microsocks, 3, "0.0.0.0 1080");
    CHECK(scene.told("relay-listener") == "medium socat(100), medium microsocks(101)");
    scene.at(proxy).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("relay-listener") == "medium socat(100), low microsocks(101)");
    scene.at(proxy).local_address = schema::IpAddress();
    scene.give_unit(microsocks, "microsocks.service");
    CHECK(scene.told("relay-listener") == "medium socat(100), low microsocks(101)");
  }
  SECTION("ncat as a proxy") {
    const auto ncat = scene.run("/usr/bin/ncat", {"ncat", "-l", "--proxy-type", "http", "3128"});
    scene.listen(ncat, 3, "0.0.0.0 3128");
    CHECK(scene.told("relay-listener") == "medium socat(100), medium ncat(101)");
  }
}

TEST_CASE("port-led-outside") {
  RuleScene scene;
  schema::Socket forward;
  forward.state = schema::SocketState::Forward;
  forward.name = "forward";
  forward.no_holder = schema::NoHolderReason::Kernel;
  forward.local_port = schema::Port(8080);
  forward.remote_address = *schema::IpAddress::parse("198.51.100.7");
  forward.remote_port = schema::Port(443);
  forward.rule = "ip nat PREROUTING";
  scene.snapshot.sockets.push_back(forward);
  schema::Socket& port = scene.snapshot.sockets.back();
  CHECK(scene.why("port-led-outside") == "leads to 198.51.100.7:443 by ip nat PREROUTING");
  CHECK(scene.told_of_weight() == "port-led-outside: medium nobody; ");
  SECTION("to a private network, to this host, or to a namespace of it") {
    port.remote_address = *schema::IpAddress::parse("172.17.0.2");
    CHECK(scene.why("port-led-outside").empty());
    port.remote_address = schema::IpAddress();
    CHECK(scene.why("port-led-outside").empty());
    port.remote_address = *schema::IpAddress::parse("198.51.100.7");
    port.target = "container web";
    CHECK(scene.why("port-led-outside").empty());
  }
}

TEST_CASE("forwarded-port") {
  RuleScene scene;
  const auto session = scene.run("/usr/sbin/sshd", {"sshd: alice"});
  scene.connect(session, 4, "10.0.0.5 22", "198.51.100.7 40000");
  const auto socket = scene.listen(session, 9, "127.0.0.1 6010");
  CHECK(scene.told("forwarded-port") == "info sshd(100)");
  scene.at(socket).local_address = schema::IpAddress();
  CHECK(scene.told("forwarded-port") == "medium sshd(100)");
  SECTION("a client") {
    scene.listen(scene.run("/usr/bin/ssh", {"ssh", "-D", "1080", "host"}), 5, "127.0.0.1 1080");
    CHECK(scene.told("forwarded-port") == "medium sshd(100), info ssh(101)");
  }
  SECTION("a client that lets the other end reach back") {
    struct Row {
      std::initializer_list<std::string_view> arguments;
      const char* told;
    };
    const Row rows[] = {
        {{"ssh", "-N", "-R", "2222:127.0.0.1:22", "a"}, "medium sshd(100), medium ssh(101)"},
        {{"ssh", "-fNR", "0.0.0.0:2222:127.0.0.1:22", "a"}, "medium sshd(100), medium ssh(101)"},
        {{"ssh", "-R1080", "a"}, "medium sshd(100), medium ssh(101)"},
        {{"ssh", "-R", "127.0.0.1:2222:10.0.0.9:22", "a"}, "medium sshd(100), info ssh(101)"},
        {{"ssh", "a", "ls", "-R", "/srv/2022"}, "medium sshd(100)"},
        {{"ssh", "a", "ls", "-R"}, "medium sshd(100)"},
        {{"ssh", "-R", "2222:127.0.0.1:22"}, "medium sshd(100), low ssh(101)"},
    };
    const Row& row = rows[GENERATE(range(0, 7))];
    const auto client = scene.run("/usr/bin/ssh", row.arguments);
    scene.connect(client, 3, "10.0.0.5 51234", "198.51.100.7 22");
    if (&row == &rows[6]) {
      scene.terminal(client, 1);
    }
    CHECK(scene.told("forwarded-port") == row.told);
  }
  SECTION("the server itself") {
    RuleScene quiet;
    quiet.listen(quiet.run("/usr/sbin/sshd"), 3, "0.0.0.0 22");
    CHECK(quiet.told("forwarded-port").empty());
  }
}

TEST_CASE("miner") {
  struct Row {
    const char* argument;
    bool fires;
  };
  const Row row = GENERATE(values<Row>({{"stratum+tcp://pool.example:3333", true},
                                        {"--url=stratum+ssl://pool.example:443", true},
                                        {"--donate-level=1", true},
                                        {"--algo=randomx", true},
                                        {"--nicehash", true},
                                        {"--algo=aes-256", false},
                                        {"pool.example:3333", false},
                                        {"--stratum-server", false},
                                        {"/srv/stratum/index.html", false}}));
  RuleScene scene;
  const auto process = scene.run_unowned("/opt/x", {"x", "-o", row.argument});
  CHECK(scene.told("miner").empty());
  scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 3333");
  CAPTURE(row.argument);
  CHECK(scene.told("miner").empty() != row.fires);
}

TEST_CASE("miner: an algorithm, a wallet, a file") {
  RuleScene scene;
  const std::string wallet = "48" + std::string(93, 'x');
  const auto named = scene.run_unowned("/opt/logrotated", {"x", "-a", "rx/0", "-o", "pool:3333"});
  const auto paid = scene.run_unowned("/opt/b", {"b", "-u", wallet});
  const auto called = scene.run_unowned("/opt/xmrig", {"xm", "-c", "config.json"});
  const auto other = scene.run("/usr/bin/curl", {"curl", "-a", "rx.txt", "-u", wallet + "x"});
  for (const auto process : {named, paid, called, other}) {
    scene.connect(process, 3, "10.0.0.5 51234", "198.51.100.7 3333");
  }
  CHECK(scene.told("miner") == "high logrotated(100), high b(101), high xmrig(102)");
}

TEST_CASE("listener-without-unit") {
  RuleScene scene;
  const auto cron = scene.run("/usr/sbin/cron");
  const auto process = scene.run("/usr/bin/perl", {"perl", "/srv/a.pl"});
  scene.listen(process, 3, "0.0.0.0 8081");
  CHECK(scene.told("listener-without-unit").empty());
  scene.give_unit(cron, "cron.service");
  CHECK(scene.told("listener-without-unit") == "low perl(101)");
  scene.at(process).cgroup = "/user.slice/user-1000.slice/session-3.scope";
  scene.at(process).unit = "session-3.scope";
  scene.at(process).login_uid = Uid(33);
  CHECK(scene.told("listener-without-unit") == "low perl(101)");
  CHECK(scene.why("listener-without-unit") == "started in the session of www-data");
  scene.at(process).login_uid.reset();
  scene.give_unit(process, "app.service");
  CHECK(scene.told("listener-without-unit").empty());
  SECTION("a unit that process 1 did not start") {
    const auto shell = scene.run("/usr/bin/bash");
    scene.at(process).parent = scene.at(shell).pid;
    scene.at(process).start = scene.at(shell).start;
    CHECK(scene.told("listener-without-unit") == "low perl(101)");
    scene.at(shell).unit = "app.service";
    CHECK(scene.told("listener-without-unit").empty());
  }
  SECTION("a host whose process 1 starts no units") {
    scene.at(process).unit.clear();
    scene.at(schema::ProcessIndex(0)).name = "init";
    scene.program(schema::ProcessIndex(0)).path = "/usr/bin/init";
    CHECK(scene.told("listener-without-unit").empty());
  }
}

TEST_CASE("passed-on-listener") {
  RuleScene scene;
  const auto holder = scene.run("/usr/bin/perl", {"perl", "/srv/a.pl"});
  scene.give_user(holder, 1001);
  const auto socket = scene.listen(holder, 3, "0.0.0.0 8081");
  scene.at(socket).uid = Uid(33);
  CHECK(scene.told("passed-on-listener") == "medium perl(100)");
  CHECK(scene.why("passed-on-listener") == "www-data opened it, 1001 holds it");
  SECTION("root opened it") {
    scene.at(socket).uid = Uid(0);
    CHECK(scene.told("passed-on-listener") == "medium perl(100)");
    scene.give_script(holder, "/usr/share/x/server.pl", true);
    CHECK(scene.told("passed-on-listener").empty());
    scene.give_script(holder, "/srv/a.pl");
    scene.at(socket).local_port = schema::Port(81);
    CHECK(scene.told("passed-on-listener").empty());
    scene.at(socket).local_port = schema::Port(8081);
    scene.give_unit(holder, "app.service");
    CHECK(scene.told("passed-on-listener").empty());
  }
  SECTION("who opened it holds it, too") {
    const auto owner = scene.run("/usr/sbin/daemon");
    scene.give_user(owner, 33);
    scene.hold(socket, owner, 3);
    CHECK(scene.told("passed-on-listener").empty());
  }
}

TEST_CASE("new-listener") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/agent");
  scene.listen(process, 3, "0.0.0.0 8081");
  constexpr std::int64_t kHour = 60 * test::kMinuteUs;
  const schema::WallTime taken = test::kSceneTime;
  scene.lifetimes = {{{taken.microseconds - kHour / 2}, taken}};
  CHECK(scene.told("new-listener").empty());  // nobody says since when it is recorded
  scene.history_began = schema::WallTime{taken.microseconds - 100 * kHour};
  CHECK(scene.told("new-listener") == "low agent(100)");
  CHECK(scene.why("new-listener") == "first seen 30 minutes before this snapshot");
  SECTION("recorded since an hour only") {
    scene.history_began = schema::WallTime{taken.microseconds - kHour};
    CHECK(scene.told("new-listener").empty());
  }
  SECTION("there since days") {
    scene.lifetimes[0].first = {taken.microseconds - 30 * kHour};
    CHECK(scene.told("new-listener").empty());
  }
  SECTION("a package's daemon was restarted") {
    scene.program(process).verdict = PackageVerdict::Matches;
    CHECK(scene.told("new-listener") == "info agent(100)");
  }
}

}  // namespace sockwitness
