// Shells and other programs behind pipes, named pipes and socket pairs of a process on the network.

#include <utility>

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using test::RuleScene;

namespace {

constexpr const char* kHere = "10.0.0.5 51234";
constexpr const char* kThere = "198.51.100.7 443";

}  // namespace

TEST_CASE("shell-behind-relay: pipes, fifos and socket pairs") {
  RuleScene scene;
  const auto node = scene.run("/usr/bin/node", {"node", "/opt/app.js"});
  scene.connect(node, 20, kHere, kThere);
  const auto shell = scene.run(node, "/usr/bin/dash", {"/bin/sh", "-i"});
  SECTION("two pipes") {
    scene.pipe(shell, 0, 1);
    scene.pipe(node, 21, 1);
    scene.pipe(shell, 1, 2);
    scene.pipe(node, 22, 2);
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    CHECK(scene.why("shell-behind-relay") ==
          "its input and output are joined with node(100) by pipe");
    SECTION("a command is what servers start") {
      scene.at(shell).command_line = std::string("/bin/sh\0-c\0id\0", 14);
      CHECK(scene.told("shell-behind-relay").empty());
    }
    SECTION("a command that runs what it reads") {
      scene.at(shell).command_line = std::string("sh\0-c\0while read l; do eval $l; done\0", 37);
      CHECK(scene.told("shell-behind-relay") == "high dash(101)");
      CHECK_THAT(scene.why("shell-behind-relay"), Catch::EndsWith(", and it runs what it reads"));
    }
    SECTION("standard input by name") {
      scene.at(shell).command_line = std::string("sh\0/dev/stdin\0", 14);
      scene.at(shell).script = "/dev/stdin";
      CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
      scene.at(shell).command_line = std::string("sh\0-c\0. /dev/stdin\0", 20);
      scene.at(shell).script.clear();
      CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    }
    SECTION("a script likewise") {
      scene.give_script(shell, "/opt/x.sh");
      CHECK(scene.told("shell-behind-relay").empty());
    }
    SECTION("a command line that could not be read is no proof") {
      scene.at(shell).command_line.reset();
      CHECK(scene.told("shell-behind-relay").empty());
    }
    SECTION("a container engine outside the container") {
      scene.at(shell).container = "4f1c";
      CHECK(scene.told("shell-behind-relay") == "low dash(101)");
    }
  }
  SECTION("socket pairs") {
    for (int fd = 0; fd < 3; ++fd) {
      scene.socket_pair(shell, fd, node, 30 + fd);
    }
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
  }
  SECTION("a login server is what people log in through") {
    const auto sshd = scene.run("/usr/sbin/sshd", {"sshd: alice@notty"});
    scene.connect(sshd, 4, "10.0.0.5 22", "198.51.100.7 40000");
    const auto remote = scene.run(sshd, "/usr/bin/bash", {"bash", "-s"});
    for (const auto process : {sshd, remote}) {
      scene.pipe(process, process == sshd ? 10 : 0, 11);
      scene.pipe(process, process == sshd ? 12 : 1, 13);
    }
    CHECK(scene.told("shell-behind-relay").empty());
    scene.program(sshd).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-behind-relay") == "critical bash(103)");
    // Not readable: not known to be anything else.
    scene.at(sshd).program.reset();
    CHECK(scene.told("shell-behind-relay").empty());
  }
  SECTION("an upgraded sshd whose sessions still run the old file is genuine") {
    const auto sshd = scene.run("/usr/sbin/sshd", {"sshd: alice@notty"});
    scene.connect(sshd, 4, "10.0.0.5 22", "198.51.100.7 40000");
    const auto remote = scene.run(sshd, "/usr/bin/bash", {"bash", "-s"});
    scene.pipe(sshd, 10, 11);
    scene.pipe(remote, 0, 11);
    scene.pipe(sshd, 12, 13);
    scene.pipe(remote, 1, 13);
    scene.program(sshd).state = schema::FileState::Replaced;
    scene.program(sshd).verdict = schema::PackageVerdict::Differs;
    scene.snapshot.context.package_database_mtime_ns = test::kSceneTime.microseconds * 1000;
    CHECK(scene.told("shell-behind-relay").empty());
    // Replaced by somebody, and no package changed since it was started.
    scene.snapshot.context.package_database_mtime_ns = 0;
    CHECK(scene.told("shell-behind-relay") == "critical bash(103)");
  }
}

TEST_CASE("shell-behind-relay: a named pipe, cat and nc") {
  RuleScene scene;
  const auto script = scene.run("/usr/bin/bash", {"bash", "/root/x.sh"});
  scene.give_script(script, "/root/x.sh");
  const auto cat = scene.run(script, "/usr/bin/cat", {"cat", "/tmp/f"});
  const auto shell = scene.run(script, "/usr/bin/dash", {"sh", "-i"});
  const auto nc = scene.run(script, "/usr/bin/nc.openbsd", {"nc", "198.51.100.7", "443"});
  scene.connect(nc, 3, kHere, kThere);
  scene.fifo(cat, 3, "/tmp/f");
  scene.pipe(cat, 1, 1);
  scene.pipe(shell, 0, 1);
  scene.pipe(shell, 1, 2);
  scene.pipe(nc, 0, 2);
  scene.fifo(nc, 1, "/tmp/f");
  CHECK(scene.told("shell-behind-relay") == "critical dash(102)");
  CHECK(scene.told("fifo-relay") == "high nc.openbsd(103)");
}

TEST_CASE("shell-behind-relay: what passes bytes on in between") {
  RuleScene scene;
  const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
  scene.connect(nc, 3, kHere, kThere);
  const auto shell = scene.run("/usr/bin/dash", {"sh"});
  SECTION("a named pipe that cat opened, anywhere") {
    const auto cat = scene.run("/usr/bin/cat", {"cat", "/opt/f"});
    scene.fifo(cat, 3, "/opt/f");
    scene.pipe(cat, 1, 1);
    scene.pipe(nc, 0, 1);
    scene.pipe(nc, 1, 2);
    scene.pipe(shell, 0, 2);
    scene.fifo(shell, 1, "/opt/f");
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
  }
  SECTION("two in a row, for a relay") {
    unsigned pipe = 1;
    const auto chain =
        [&](schema::ProcessIndex from, std::string_view program, schema::ProcessIndex to) {
          const auto first = scene.run(program, {program});
          const auto second = scene.run("/usr/bin/cat");
          scene.pipe(from, 1, pipe);
          scene.pipe(first, 0, pipe);
          scene.pipe(first, 1, pipe + 1);
          scene.pipe(second, 0, pipe + 1);
          scene.pipe(second, 1, pipe + 2);
          scene.pipe(to, 0, pipe + 2);
          pipe += 3;
        };
    chain(nc, "/usr/bin/cat", shell);
    chain(shell, "/usr/bin/cat", nc);
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    scene.program(nc).path = "/usr/bin/curl";
    CHECK(scene.told("shell-behind-relay").empty());
  }
  SECTION("a loop of a shell") {
    const auto loop = scene.run("/usr/bin/bash", {"bash", "-c", "while read l; do echo $l; done"});
    scene.pipe(nc, 1, 1);
    scene.pipe(loop, 0, 1);
    scene.pipe(loop, 1, 2);
    scene.pipe(shell, 0, 2);
    scene.pipe(shell, 1, 3);
    scene.pipe(nc, 0, 3);
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
  }
  SECTION("a journal that everybody writes to joins nobody") {
    const auto journal = scene.run("/usr/lib/systemd/systemd-journald");
    for (int fd = 10; fd < 20; ++fd) {
      scene.socket_pair(journal, fd, scene.run("/usr/sbin/daemon"), 1);
    }
    scene.socket_pair(journal, 30, nc, 2);
    scene.socket_pair(journal, 31, shell, 1);
    scene.pipe(nc, 1, 1);
    scene.pipe(shell, 0, 1);
    CHECK(scene.told("shell-behind-relay") == "medium dash(101)");
  }
}

TEST_CASE("shell-behind-relay: a descriptor as the script") {
  RuleScene scene;
  const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
  scene.connect(nc, 3, kHere, kThere);
  const auto shell = scene.run("/usr/bin/bash", {"bash", "/dev/fd/63"});
  scene.at(shell).script = "/dev/fd/63";
  scene.pipe(nc, 1, 1);
  scene.pipe(shell, 255, 1);
  CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
  scene.pipe(nc, 0, 2);
  scene.pipe(shell, 1, 2);
  CHECK(scene.told("shell-behind-relay") == "high bash(101)");
}

TEST_CASE("shell-behind-relay: a shell that only reads") {
  RuleScene scene;
  const auto curl = scene.run("/usr/bin/curl", {"curl", "https://example.org"});
  scene.connect(curl, 5, kHere, kThere);
  const auto shell = scene.run("/usr/bin/bash", {"bash"});
  scene.pipe(curl, 1, 1);
  scene.pipe(shell, 0, 1);
  CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
  SECTION("and writes to somebody else") {
    const auto agent = scene.run_unowned("/opt/agent");
    scene.connect(agent, 5, kHere, kThere);
    scene.socket_pair(shell, 1, agent, 6);
    CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
    scene.program(agent).path = "/usr/bin/socat";
    CHECK(scene.told("shell-behind-relay") == "critical bash(101), critical bash(101)");
  }
  SECTION("into the log that both write to") {
    scene.pipe(curl, 2, 2);
    scene.pipe(shell, 1, 2);
    CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
  }
  SECTION("a loop, of what it did not start") {
    scene.at(shell).command_line = std::string("sh\0-c\0while read l; do eval $l; done\0", 37);
    CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
    scene.at(shell).start = schema::BootTime{1};
    scene.at(curl).parent = scene.at(shell).pid;
    CHECK(scene.told("shell-behind-relay").empty());
  }
  SECTION("at a terminal") {
    scene.at(shell).tty = 34816;
    CHECK(scene.told("shell-behind-relay") == "low bash(101)");
  }
  SECTION("from the package's ssh") {
    scene.program(curl).path = "/usr/bin/ssh";
    CHECK(scene.told("shell-behind-relay") == "low bash(101)");
    scene.program(curl).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-behind-relay") == "medium bash(101)");
  }
}

TEST_CASE("shell-behind-relay: the shell of Erlang's disk monitor") {
  RuleScene scene;
  const auto erlang = scene.run("/usr/lib/erlang/erts-13/bin/beam.smp");
  scene.listen(erlang, 5, "0.0.0.0 5672");
  const auto shell = scene.run(erlang, "/usr/bin/dash", {"sh", "-s", "disksup"});
  scene.pipe(shell, 0, 1);
  scene.pipe(erlang, 8, 1);
  scene.pipe(shell, 1, 2);
  scene.pipe(erlang, 9, 2);
  CHECK(scene.told("shell-behind-relay") == "low dash(101)");
  CHECK(scene.told("shell-started-by-server") == "low dash(101)");
  SECTION("without the word it obeys whoever feeds it") {
    scene.at(shell).command_line = std::string("sh\0-s\0", 6);
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    CHECK(scene.told("shell-started-by-server") == "critical dash(101)");
  }
  SECTION("below a program of no package") {
    scene.program(erlang).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
  }
  SECTION("another program of a package, another word") {
    scene.at(shell).command_line = std::string("sh\0-s\0/x\0", 9);
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    CHECK(scene.told("shell-started-by-server") == "critical dash(101)");
    scene.at(shell).command_line = std::string("sh\0-s\0unix:cmd\0", 15);
    CHECK(scene.told("shell-behind-relay") == "low dash(101)");
    scene.program(erlang).path = "/usr/bin/curl";
    CHECK(scene.told("shell-behind-relay") == "critical dash(101)");
    CHECK(scene.told("shell-started-by-server") == "critical dash(101)");
  }
}

TEST_CASE("program-behind-relay") {
  RuleScene scene;
  const auto join = [&](schema::ProcessIndex one, schema::ProcessIndex other) {
    scene.pipe(one, 0, 1);
    scene.pipe(other, 1, 1);
    scene.pipe(one, 1, 2);
    scene.pipe(other, 0, 2);
  };
  const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
  scene.connect(nc, 3, kHere, kThere);
  struct Row {
    const char* path;
    std::initializer_list<std::string_view> arguments;
    bool told;
  };
  const Row rows[] = {
      {"/usr/bin/python3.11", {"python3", "-i"}, true},
      {"/usr/bin/php8.2", {"php", "-a"}, true},
      {"/usr/bin/gdb", {"gdb", "-q"}, true},
      {"/usr/bin/perl", {"perl", "-ne", "print `$_`"}, true},
      {"/usr/bin/mawk", {"mawk", "{system($0)}"}, true},
      {"/usr/bin/mawk", {"mawk", "{print $1}"}, false},
      {"/usr/bin/xargs", {"xargs", "-I{}", "sh", "-c", "{}"}, true},
      {"/usr/bin/sqlite3", {"sqlite3"}, true},
      {"/opt/svc", {"svc"}, true},
      {"/usr/bin/bash", {"bash", "-c", "id"}, false},
      {"/usr/bin/nc.openbsd", {"nc", "-U", "/run/x"}, false},
  };
  for (const Row& row : rows) {
    RuleScene each = scene;
    std::swap(each, scene);
    const auto process = scene.run(row.path, row.arguments);
    join(process, nc);
    CAPTURE(*scene.at(process).command_line);
    CHECK(scene.told("program-behind-relay").starts_with("high") == row.told);
    std::swap(each, scene);
  }
  SECTION("one way only, as 'wget -qO- … | python3 -'") {
    const auto wget = scene.run("/usr/bin/wget", {"wget", "-qO-", "http://x/"});
    scene.connect(wget, 3, "10.0.0.5 50002", kThere);
    const auto python = scene.run("/usr/bin/python3.11", {"python3", "-"});
    scene.pipe(python, 0, 9);
    scene.pipe(wget, 1, 9);
    CHECK(scene.told("program-behind-relay") == "medium python3.11(102)");
    CHECK(scene.why("program-behind-relay") == "it obeys its input; wget(101) feeds it, by pipe");
    scene.terminal(python, 1);
    scene.snapshot.descriptors.erase(scene.snapshot.descriptors.end() - 3);
    CHECK(scene.told("program-behind-relay") == "low python3.11(102)");
  }
  SECTION("one way only, from the program that started it") {
    const auto server = scene.run("/opt/build/bin/server", {"server"});
    scene.connect(server, 3, "10.0.0.5 50002", kThere);
    const auto python = scene.run(server, "/usr/bin/python3.11", {"python3", "-"});
    scene.pipe(python, 0, 9);
    scene.pipe(server, 7, 9);
    CHECK(scene.told("program-behind-relay").empty());
  }
  SECTION("one way only, as 'nc … | tar x'") {
    const auto tar = scene.run("/usr/bin/tar", {"tar", "x"});
    scene.pipe(tar, 0, 1);
    scene.pipe(nc, 1, 1);
    CHECK(scene.told("program-behind-relay").empty());
  }
  SECTION("a program that socat starts, in a unit") {
    scene.program(nc).path = "/usr/bin/socat";
    scene.give_unit(nc, "answer.service");
    join(scene.run(nc, "/usr/lib/answer"), nc);
    CHECK(scene.told("program-behind-relay") == "medium answer(101)");
  }
  SECTION("a program text that started the relay for itself") {
    const auto python = scene.run("/usr/bin/python3.11", {"python3", "-c", "import subprocess"});
    join(python, nc);
    CHECK(scene.told("program-behind-relay") == "high python3.11(101)");
    scene.at(python).start = schema::BootTime{1};
    scene.at(nc).parent = scene.at(python).pid;
    CHECK(scene.told("program-behind-relay").empty());
  }
  SECTION("ssh and its proxy command") {
    const auto ssh = scene.run("/usr/bin/ssh", {"ssh", "host"});
    scene.at(ssh).start = schema::BootTime{1};
    scene.at(nc).parent = scene.at(ssh).pid;
    join(ssh, nc);
    CHECK(scene.told("program-behind-relay").empty());
  }
  SECTION("an agent and its interpreter") {
    const auto agent = scene.run("/usr/bin/python3.11", {"python3", "/opt/agent.py"});
    scene.give_script(agent, "/opt/agent.py");
    scene.connect(agent, 3, kHere, kThere);
    const auto console = scene.run(agent, "/usr/bin/python3.11", {"python3", "-i"});
    join(console, agent);
    CHECK(scene.told("program-behind-relay") == "high python3.11(102)");
    SECTION("a notebook of a package") {
      scene.give_script(agent, "/usr/bin/notebook", true);
      CHECK(scene.told("program-behind-relay") == "low python3.11(102)");
    }
    SECTION("an editor's server on loopback") {
      scene.snapshot.holders.pop_back();
      scene.listen(agent, 3, "127.0.0.1 4000");
      CHECK(scene.told("program-behind-relay") == "low python3.11(102)");
    }
    SECTION("an editor of a package, and a client that did not start it") {
      scene.program(agent).path = "/usr/bin/emacs-gtk";
      scene.program(agent).sha256.clear();
      scene.at(agent).script.clear();
      scene.at(agent).script_file.reset();
      CHECK(scene.told("program-behind-relay") == "low python3.11(102)");
      scene.at(console).parent = schema::Pid(1);
      CHECK(scene.told("program-behind-relay") == "high python3.11(102)");
    }
    SECTION("a helper with a program of its own") {
      scene.give_script(console, "/opt/helper.py");
      CHECK(scene.told("program-behind-relay").empty());
    }
  }
}

TEST_CASE("shell-behind-unix-socket") {
  RuleScene scene;
  const auto socat = scene.run("/usr/bin/socat", {"socat", "ABSTRACT-LISTEN:x", "EXEC:sh"});
  scene.hold(scene.unix_socket(schema::SocketState::Listen, std::string("\0x", 2)), socat, 5);
  const auto shell = scene.run(socat, "/usr/bin/dash", {"sh"});
  scene.socket_pair(shell, 0, socat, 6);
  scene.socket_pair(shell, 1, socat, 7);
  CHECK(scene.told("shell-behind-unix-socket") == "high dash(101)");
  SECTION("a socket of a service") {
    scene.snapshot.sockets[0].name = "/run/relay.sock";
    CHECK(scene.told("shell-behind-unix-socket") == "high dash(101)");
    scene.program(socat).path = "/opt/service";
    scene.program(socat).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-behind-unix-socket").empty());
  }
  SECTION("who is served is on the network") {
    scene.snapshot.sockets[0].name = "/var/lib/relay.sock";
    const auto client =
        scene.run("/usr/bin/socat", {"socat", "TCP:x:1", "UNIX-CONNECT:/var/lib/x"});
    scene.socket_pair(socat, 8, client, 6);
    scene.snapshot.sockets[scene.snapshot.sockets.size() - 2].name = "/var/lib/relay.sock";
    CHECK(scene.told("shell-behind-unix-socket") == "high dash(101)");
    SECTION("itself") {
      scene.connect(client, 5, kHere, kThere);
      CHECK(scene.told("shell-behind-unix-socket") == "critical dash(101)");
      CHECK_THAT(scene.why("shell-behind-unix-socket"), Catch::EndsWith(", for socat(102)"));
    }
    SECTION("by pipes") {
      const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
      scene.connect(nc, 5, kHere, kThere);
      scene.pipe(nc, 0, 9);
      scene.pipe(client, 1, 9);
      CHECK(scene.told("shell-behind-unix-socket") == "critical dash(101)");
    }
  }
  SECTION("a terminal of the relay's, and a multiplexer") {
    scene.snapshot.holders.resize(1);
    scene.terminal(shell, 4);
    scene.master(socat, 9, 4);
    CHECK(scene.told("shell-behind-unix-socket") == "high dash(101)");
    scene.program(socat).path = "/home/alice/bin/tmux";
    scene.program(socat).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-behind-unix-socket").empty());
  }
  SECTION("an editor that a package vouches for") {
    scene.program(socat).path = "/usr/bin/emacs-gtk";
    CHECK(scene.told("shell-behind-unix-socket") == "low dash(101)");
  }
  SECTION("a container engine") {
    scene.at(shell).container = "4f1c";
    CHECK(scene.told("shell-behind-unix-socket") == "low dash(101)");
  }
}

TEST_CASE("pipes that a thousand workers share cost no rule its time") {
  RuleScene scene;
  const auto journal = scene.run("/usr/lib/systemd/systemd-journald");
  const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
  scene.connect(nc, 3, kHere, kThere);
  scene.pipe(nc, 1, 1);
  for (unsigned number = 0; number < 1000; ++number) {
    const bool shell = number % 50 == 0;
    const auto worker = scene.run(shell ? "/usr/bin/dash" : "/usr/sbin/worker", {"worker"});
    scene.pipe(worker, 0, 1);
    scene.pipe(worker, 1, 2);
    scene.pipe(worker, 4, 3);
    scene.pipe(worker, 5, 100 + number);
    scene.socket_pair(journal, 10, worker, 2);
  }
  CHECK(scene.told("shell-behind-relay").starts_with("medium dash"));
  CHECK(scene.told("program-behind-relay").empty());
  CHECK(scene.told("shell-on-remote-terminal").empty());
}

}  // namespace sockwitness
