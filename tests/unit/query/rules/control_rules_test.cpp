// Ports that control something, and programs that answer for what they are not.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using test::RuleScene;

TEST_CASE("open-control-port") {
  struct Row {
    const char* path;
    const char* first;
    const char* second;
    const char* end;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({
      {"/usr/bin/java",
       "-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005",
       "-jar",
       "0.0.0.0 5005",
       "high"},
      {"/usr/bin/java",
       "-Xrunjdwp:transport=dt_socket,server=y,address=5005",
       "X",
       "0.0.0.0 5005",
       "high"},
      {"/usr/bin/java", "-agentlib:jdwp=server=y,address=*:5005", "X", "127.0.0.1 5005", "low"},
      {"/usr/bin/java", "-agentlib:jdwp=server=y,address=*:5005", "X", "0.0.0.0 8080", ""},
      {"/usr/bin/java", "-agentlib:jdwp=server=n,address=h:5005", "X", "0.0.0.0 5005", ""},
      {"/usr/bin/java",
       "-Dcom.sun.management.jmxremote.authenticate=false",
       "-Dcom.sun.management.jmxremote.port=9010",
       "0.0.0.0 9010",
       "high"},
      {"/usr/bin/java",
       "-Dcom.sun.management.jmxremote.authenticate=true",
       "-Dcom.sun.management.jmxremote.port=9010",
       "0.0.0.0 9010",
       ""},
      {"/usr/bin/node", "--inspect", "app.js", "0.0.0.0 9229", "high"},
      {"/usr/bin/node", "--inspect=0.0.0.0:9300", "app.js", "0.0.0.0 9300", "high"},
      {"/usr/bin/node", "--inspect=9300", "app.js", "127.0.0.1 9300", "low"},
      {"/usr/bin/node", "--inspect", "app.js", "0.0.0.0 3000", ""},
      {"/usr/bin/gdbserver", ":2000", "./x", "0.0.0.0 2000", "high"},
      {"/usr/bin/gdbserver", "localhost:2000", "./x", "0.0.0.0 2000", "low"},
      {"/opt/b/chrome", "--remote-debugging-port=9222", "", "0.0.0.0 9222", "high"},
      {"/usr/sbin/dockerd", "-H", "tcp://0.0.0.0:2375", "0.0.0.0 2375", "high"},
      {"/usr/sbin/dockerd", "--tlsverify", "--host=tcp://0.0.0.0:2376", "0.0.0.0 2376", ""},
      {"/usr/bin/kubelet", "--anonymous-auth=true", "x", "10.0.0.5 10250", "high"},
      {"/usr/bin/etcd", "--listen-client-urls", "http://0.0.0.0:2379", "0.0.0.0 2379", "high"},
      {"/usr/bin/etcd", "--client-cert-auth", "--listen-client-urls=http://x", "0.0.0.0 2379", ""},
      {"/home/u/env/bin/python", "lab", "--ServerApp.token=", "0.0.0.0 8888", "high"},
      {"/home/u/env/bin/python", "lab", "--ServerApp.token=''", "127.0.0.1 8888", "low"},
      {"/home/u/env/bin/python", "lab", "--ServerApp.token=0123", "0.0.0.0 8888", ""},
      {"/usr/bin/Xvnc", "-SecurityTypes", "None", "0.0.0.0 5901", "high"},
      {"/usr/bin/Xvnc", "-SecurityTypes", "VncAuth", "0.0.0.0 5901", ""},
      {"/usr/bin/x11vnc", "-nopw", "-forever", "0.0.0.0 5900", "high"},
      {"/usr/bin/x11vnc", "-rfbauth", "p", "0.0.0.0 5900", ""},
      {"/usr/bin/Xorg", "-ac", ":0", "0.0.0.0 6000", "high"},
      {"/usr/bin/keydb-server", "--protected-mode", "no", "0.0.0.0 6379", "high"},
      {"/usr/bin/memcached", "-l", "0.0.0.0", "0.0.0.0 11211", "high"},
      {"/usr/bin/memcached", "-S", "-v", "0.0.0.0 11211", ""},
      {"/usr/bin/mongod", "--bind_ip_all", "x", "0.0.0.0 27017", "high"},
      {"/usr/bin/mongod", "--bind_ip_all", "--auth", "0.0.0.0 27017", ""},
      {"/usr/bin/kubectl", "proxy", "--address=0.0.0.0", "0.0.0.0 8001", ""},
      {"/usr/bin/qemu-system-x86_64", "-monitor", "tcp::4444,server", "0.0.0.0 4444", "high"},
  }));
  CAPTURE(row.path, row.first, row.second);
  RuleScene scene;
  const auto process = scene.run(row.path, {row.path, row.first, row.second});
  scene.listen(process, 3, row.end);
  const std::string told = scene.told("open-control-port");
  CHECK(told.substr(0, told.find(' ')) == row.told);
}

TEST_CASE("open-control-port: rights at an orchestrator that are lent") {
  RuleScene scene;
  const auto process =
      scene.run("/usr/bin/kubectl", {"kubectl", "proxy", "--address=0.0.0.0", "--accept-hosts=.*"});
  scene.listen(process, 3, "0.0.0.0 8001");
  CHECK(scene.told("open-control-port") == "high kubectl(100)");
}

TEST_CASE("unnamed-port") {
  RuleScene scene;
  const auto process =
      scene.run("/usr/bin/memcached", {"memcached", "-l", "127.0.0.1", "-p", "11300"});
  const auto named = scene.listen(process, 3, "127.0.0.1 11300");
  CHECK(scene.told("unnamed-port").empty());
  const auto other = scene.listen(process, 4, "0.0.0.0 7221");
  CHECK(scene.told("unnamed-port") == "medium memcached(100)");
  CHECK(scene.why("unnamed-port") ==
        "its arguments name port 11300 on loopback; it listens at 0.0.0.0:7221 as well");
  SECTION("both are for everybody") {
    scene.at(named).local_address = schema::IpAddress();
    CHECK(scene.told("unnamed-port").empty());
  }
  SECTION("both are for this host") {
    scene.at(other).local_address = scene.at(named).local_address;
    CHECK(scene.told("unnamed-port").empty());
  }
  SECTION("none is named") {
    scene.at(named).local_port = schema::Port(11301);
    CHECK(scene.told("unnamed-port").empty());
  }
  SECTION("of no package") {
    scene.program(process).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("unnamed-port") == "low memcached(100)");
  }
  SECTION("in a unit") {
    scene.give_unit(process, "memcached.service");
    CHECK(scene.told("unnamed-port") == "low memcached(100)");
  }
  SECTION("a script of a package in a unit") {
    scene.program(process).path = "/usr/bin/python3.11";
    scene.give_script(process, "/usr/bin/gunicorn", true);
    scene.give_unit(process, "web.service");
    CHECK(scene.told("unnamed-port") == "medium memcached(100)");
  }
}

TEST_CASE("unnamed-port: a configuration says more than the arguments") {
  RuleScene scene;
  const auto process =
      scene.run("/usr/sbin/served", {"served", "--config", "/etc/served.conf", "--port=7000"});
  scene.listen(process, 3, "127.0.0.1 7000");
  scene.listen(process, 4, "0.0.0.0 7001");
  CHECK(scene.told("unnamed-port") == "low served(100)");
}

TEST_CASE("unnamed-port: what both are part of a longer number names nothing") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/memcached", {"memcached", "-m", "70001"});
  scene.listen(process, 3, "127.0.0.1 7000");
  scene.listen(process, 4, "0.0.0.0 7001");
  CHECK(scene.told("unnamed-port").empty());
}

TEST_CASE("odd-configuration") {
  struct Row {
    const char* option;
    const char* file;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({{"-c", "/dev/shm/n/c", "medium nginx(100)"},
                                        {"-f", "/usr/share/misc/.k/c", "medium nginx(100)"},
                                        {"--config=/tmp/.c/c", "x", "medium nginx(100)"},
                                        {"-c/run/user/0/c", "x", "medium nginx(100)"},
                                        {"-c", "/tmp/test/nginx.conf", "low nginx(100)"},
                                        {"-c", "/etc/nginx/nginx.conf", ""},
                                        {"-c", "/home/user/.config/n.conf", ""},
                                        {"-p", "/tmp/pid", ""}}));
  CAPTURE(row.option, row.file);
  RuleScene scene;
  const auto process = scene.run("/usr/sbin/nginx", {"nginx", row.option, row.file});
  const auto socket = scene.listen(process, 3, "0.0.0.0 8444");
  CHECK(scene.told("odd-configuration") == row.told);
  if (!std::string_view(row.told).starts_with("medium")) {
    return;
  }
  SECTION("of a user") {
    scene.give_user(process, 1000);
    CHECK(scene.told("odd-configuration") == "low nginx(100)");
  }
  SECTION("in a unit") {
    scene.give_unit(process, "nginx.service");
    CHECK(scene.told("odd-configuration") == "low nginx(100)");
  }
  SECTION("on loopback") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("odd-configuration").empty());
  }
}

TEST_CASE("odd-configuration: a title") {
  RuleScene scene;
  const auto process =
      scene.run("/usr/sbin/nginx", {"nginx: master process nginx -c /dev/shm/n/c"});
  scene.listen(process, 3, "0.0.0.0 8444");
  CHECK(scene.told("odd-configuration") == "medium nginx(100)");
  CHECK(scene.why("odd-configuration") ==
        "its configuration is /dev/shm/n/c; it listens at 0.0.0.0:8444");
}

TEST_CASE("many-ports") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/sbin/decoy");
  int fd = 3;
  for (const char* end : {"0.0.0.0 22", "0.0.0.0 53", "0.0.0.0 80", "0.0.0.0 443", "0.0.0.0 111"}) {
    scene.listen(process, fd++, end);
  }
  CHECK(scene.told("many-ports").empty());
  scene.listen(process, fd, "0.0.0.0 6379");
  CHECK(scene.told("many-ports") == "high decoy(100)");
  SECTION("of a product") {
    scene.program(process).path = "/opt/mail/bin/decoy";
    CHECK(scene.told("many-ports") == "low decoy(100)");
  }
  SECTION("of a package") {
    scene.program(process).verdict = schema::PackageVerdict::Matches;
    CHECK(scene.told("many-ports").empty());
  }
}

TEST_CASE("proxy-of-session") {
  RuleScene scene;
  const auto process = scene.run_unowned("/home/user/proxy");
  scene.give_user(process, 1000);
  scene.listen(process, 3, "0.0.0.0 11080");
  scene.connect(process, 4, "10.0.0.5 11080", "10.0.0.9 50000");
  CHECK(scene.told("proxy-of-session").empty());
  const auto onward = scene.connect(process, 5, "10.0.0.5 50001", "198.51.100.7 4433");
  CHECK(scene.told("proxy-of-session") == "medium proxy(100)");
  SECTION("of a service's account, of root") {
    scene.give_user(process, 33);
    CHECK(scene.told("proxy-of-session") == "medium proxy(100)");
    scene.give_user(process, 0);
    CHECK(scene.told("proxy-of-session").empty());
  }
  SECTION("it asks a database") {
    scene.at(onward).remote_port = schema::Port(6379);
    CHECK(scene.told("proxy-of-session") == "low proxy(100)");
  }
  SECTION("a service") {
    scene.give_unit(process, "proxy.service");
    CHECK(scene.told("proxy-of-session").empty());
  }
  SECTION("at a terminal") {
    scene.terminal(process, 1);
    CHECK(scene.told("proxy-of-session").empty());
  }
}

TEST_CASE("daemon-of-session") {
  RuleScene scene;
  const auto process = scene.run_unowned("/home/user/agent");
  scene.give_user(process, 1000);
  scene.at(process).session = schema::Pid(99);
  scene.listen(process, 3, "0.0.0.0 7000");
  CHECK(scene.told("daemon-of-session").empty());
  for (int fd = 0; fd < 3; ++fd) {
    scene.descriptor(process, fd, schema::DescriptorKind::Null);
  }
  CHECK(scene.told("daemon-of-session") == "medium agent(100)");
  SECTION("it leads its session") {
    scene.at(process).session = scene.at(process).pid;
    CHECK(scene.told("daemon-of-session").empty());
  }
  SECTION("of a product") {
    scene.program(process).path = "/home/user/.tool/bin/agent";
    CHECK(scene.told("daemon-of-session") == "low agent(100)");
  }
}

TEST_CASE("beacon: a program") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/updater");
  scene.connect(process, 3, "10.0.0.5 50000", "198.51.100.7 443");
  CHECK(scene.told("beacon") == "medium updater(100)");
  SECTION("of a product") {
    scene.program(process).path = "/opt/vendor/bin/updater";
    CHECK(scene.told("beacon") == "low updater(100)");
  }
  SECTION("from one to others") {
    scene.connect(process, 4, "10.0.0.5 50002", "10.0.0.9 22");
    CHECK(scene.told("beacon") == "medium updater(100)");
    scene.at(process).session = schema::Pid(77);
    CHECK(scene.told("beacon").empty());
  }
  SECTION("datagrams to whoever it names") {
    scene.snapshot.sockets.clear();
    scene.snapshot.holders.clear();
    const auto socket = scene.listen(process, 3, "0.0.0.0 40000", schema::Protocol::Udp);
    CHECK(scene.told("beacon") == "medium updater(100)");
    scene.at(socket).local_port = schema::Port(53);
    CHECK(scene.told("beacon").empty());
  }
  SECTION("a service") {
    scene.give_unit(process, "updater.service");
    CHECK(scene.told("beacon").empty());
  }
  SECTION("started by somebody who is still there") {
    scene.at(process).parent = scene.at(scene.run("/usr/bin/bash")).pid;
    CHECK(scene.told("beacon").empty());
  }
}

TEST_CASE("beacon") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/python3.11", {"python3", "/home/user/u.py"});
  scene.give_script(process, "/home/user/u.py");
  scene.connect(process, 3, "10.0.0.5 50000", "198.51.100.7 443");
  CHECK(scene.told("beacon") == "medium python3.11(100)");
  SECTION("where services lie") {
    scene.snapshot.programs.back().path = "/opt/runner/u.py";
    scene.at(process).script = "/opt/runner/u.py";
    CHECK(scene.told("beacon") == "low python3.11(100)");
  }
  SECTION("where libraries and data of one's own lie") {
    scene.snapshot.programs.back().path = "/usr/local/share/u.py";
    scene.at(process).script = "/usr/local/share/u.py";
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    scene.at(process).script = "/usr/local/sbin/u.py";
    CHECK(scene.told("beacon") == "low python3.11(100)");
  }
  SECTION("from one to others") {
    scene.connect(process, 4, "10.0.0.5 50002", "10.0.0.9 22");
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    scene.at(process).session = schema::Pid(77);
    CHECK(scene.told("beacon").empty());
  }
  SECTION("it serves as well") {
    const auto listener = scene.listen(process, 4, "0.0.0.0 80");
    CHECK(scene.told("beacon").empty());
    scene.at(listener).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    scene.at(schema::SocketIndex(0)).remote_address = *schema::IpAddress::parse("10.0.0.9");
    CHECK(scene.told("beacon") == "low python3.11(100)");
  }
  SECTION("a module of which nobody knows where it lies") {
    scene.at(process).script = "-m colors";
    scene.at(process).script_file.reset();
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    CHECK(scene.why("beacon") == "the module of -m colors, detached, talks to 198.51.100.7:443");
    scene.at(schema::SocketIndex(0)).remote_address = *schema::IpAddress::parse("10.0.0.9");
    CHECK(scene.told("beacon").empty());
  }
  SECTION("by a relay that it started") {
    scene.snapshot.sockets.clear();
    scene.snapshot.holders.clear();
    CHECK(scene.told("beacon").empty());
    const auto relay = scene.run(process, "/usr/bin/openssl", {"openssl", "s_client"});
    scene.connect(relay, 3, "10.0.0.5 50000", "198.51.100.7 443");
    scene.pipe(process, 3, 8);
    scene.pipe(relay, 0, 8);
    CHECK(scene.told("beacon").empty());
    scene.pipe(process, 4, 9);
    scene.pipe(relay, 1, 9);
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    CHECK(scene.why("beacon") ==
          "/home/user/u.py, detached, talks to 198.51.100.7:443 by openssl(101)");
  }
  SECTION("a module by itself") {
    const auto move = [&](const char* path) {
      scene.snapshot.programs.back().path = path;
      scene.at(process).script = path;
    };
    move("/home/user/shop/node_modules/pad/lib/agent.js");
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    move("/home/user/.local/lib/python3.11/site-packages/pad/run.py");
    CHECK(scene.told("beacon") == "medium python3.11(100)");
    move("/home/user/shop/node_modules/pad/bin/agent.js");
    CHECK(scene.told("beacon") == "low python3.11(100)");
    move("/home/user/shop/node_modules/pad/lib/agent.js");
    scene.at(schema::SocketIndex(0)).remote_address = *schema::IpAddress::parse("10.0.0.9");
    CHECK(scene.told("beacon") == "low python3.11(100)");
  }
  SECTION("somebody is there") {
    scene.terminal(process, 1);
    CHECK(scene.told("beacon").empty());
  }
  SECTION("of a package") {
    scene.snapshot.programs.back().verdict = schema::PackageVerdict::Matches;
    CHECK(scene.told("beacon").empty());
  }
}

}  // namespace sockwitness
