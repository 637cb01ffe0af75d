// Shells and interpreters on the wire: each rule fires, and what is known to look alike does not.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using schema::DescriptorKind;
using schema::Protocol;
using test::RuleScene;

namespace {

constexpr const char* kHere = "10.0.0.5 51234";
constexpr const char* kThere = "198.51.100.7 443";

// The standard descriptors of a process lead to one connection.
schema::SocketIndex connect_standard(RuleScene& scene,
                                     schema::ProcessIndex process,
                                     Protocol protocol = Protocol::Tcp) {
  const auto socket = scene.connect(process, 0, kHere, kThere, protocol);
  scene.hold(socket, process, 1);
  scene.hold(socket, process, 2);
  return socket;
}

}  // namespace

TEST_CASE("shell-on-network: standard descriptors are a connection") {
  RuleScene scene;
  SECTION("a reverse shell") {
    connect_standard(scene, scene.run("/usr/bin/bash", {"bash", "-i"}));
    CHECK(scene.told("shell-on-network") == "critical bash(100)");
    CHECK(scene.why("shell-on-network") == "it obeys what comes from there");
  }
  SECTION("over UDP, one descriptor only") {
    scene.connect(scene.run("/usr/bin/dash"), 2, kHere, kThere, Protocol::Udp);
    CHECK(scene.told("shell-on-network") == "critical dash(100)");
  }
  SECTION("its input only") {
    const auto shell = scene.run("/usr/bin/bash", {"bash", "-c", "cat"});
    scene.hold(scene.connect(shell, 0, kHere, kThere), shell, 3);
    CHECK(scene.told("shell-on-network") == "critical bash(100)");
    CHECK(scene.why("shell-on-network") == "its input comes from there");
  }
  SECTION("by the dynamic loader") {
    connect_standard(scene,
                     scene.run("/lib64/ld-linux-x86-64.so.2", {"ld.so", "/usr/bin/bash", "-i"}));
    CHECK(scene.told("shell-on-network") == "critical ld-linux-x86-64(100)");
  }
  SECTION("a command, not bare") {
    connect_standard(scene, scene.run("/usr/bin/bash", {"bash", "-c", "id"}));
    CHECK(scene.told("shell-on-network") == "critical bash(100)");
  }
  SECTION("an applet of busybox") {
    connect_standard(scene, scene.run("/usr/bin/busybox", {"sh"}));
    CHECK(scene.told("shell-on-network") == "critical busybox(100)");
  }
  SECTION("busybox as something else") {
    connect_standard(scene, scene.run("/usr/bin/busybox", {"busybox", "httpd"}));
    CHECK(scene.told("shell-on-network").empty());
  }
  SECTION("a renamed copy of a shell that runs here") {
    scene.run("/usr/bin/bash");
    const auto copy = scene.run_unowned("/tmp/crond");
    scene.program(copy).sha256 = scene.snapshot.programs[1].sha256;
    connect_standard(scene, copy);
    CHECK(scene.told("shell-on-network") == "critical crond(101)");
  }
  SECTION("a renamed copy of a shell that an earlier snapshot saw") {
    const auto copy = scene.run_unowned("/tmp/crond");
    schema::Program shell;
    shell.path = "/usr/bin/zsh5";
    shell.sha256 = scene.program(copy).sha256;
    scene.known_programs = {shell};
    connect_standard(scene, copy);
    CHECK(scene.told("shell-on-network") == "critical crond(100)");
  }
  SECTION("a listener, a terminal, a pipe are no connection") {
    const auto shell = scene.run("/usr/bin/bash");
    scene.listen(shell, 0, "0.0.0.0 80");
    scene.pipe(shell, 1, 7);
    scene.descriptor(shell, 2, DescriptorKind::Terminal, "/dev/pts/1");
    CHECK(scene.told("shell-on-network").empty());
  }
  SECTION("other programs have connections there") {
    connect_standard(scene, scene.run("/usr/bin/rsync"));
    CHECK(scene.told("shell-on-network").empty());
  }
}

TEST_CASE("shell-on-network: what a super server starts") {
  RuleScene scene;
  const auto inetd = scene.run("/usr/sbin/inetd");
  scene.listen(inetd, 4, "0.0.0.0 7777");
  const auto shell = scene.run(inetd, "/usr/bin/dash", {"sh", "/usr/local/bin/answer"});
  scene.connect(shell, 0, "10.0.0.5 7777", "198.51.100.7 40000");
  SECTION("a script is low") {
    scene.give_script(shell, "/usr/local/bin/answer");
    CHECK(scene.told("shell-on-network") == "low dash(101)");
  }
  SECTION("a bare shell is not") {
    scene.at(shell).command_line = std::string("sh\0", 3);
    CHECK(scene.told("shell-on-network") == "critical dash(101)");
  }
  SECTION("a script in a temporary place is not") {
    scene.give_script(shell, "/tmp/answer");
    CHECK(scene.told("shell-on-network") == "critical dash(101)");
  }
  SECTION("a super server that no package vouches for is none") {
    scene.give_script(shell, "/usr/local/bin/answer");
    scene.program(inetd).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-on-network") == "critical dash(101)");
  }
  SECTION("neither is a relay") {
    scene.give_script(shell, "/usr/local/bin/answer");
    scene.program(inetd).path = "/usr/bin/socat";
    CHECK(scene.told("shell-on-network") == "critical dash(101)");
  }
  SECTION("an instance of a systemd unit is served by pid 1, whose descriptors nobody could read") {
    scene.give_script(shell, "/usr/local/bin/answer");
    scene.snapshot.holders.erase(scene.snapshot.holders.begin());
    scene.at(shell).parent = schema::Pid(1);
    CHECK(scene.told("shell-on-network") == "critical dash(101)");
    scene.give_unit(shell, "answer@3-10.0.0.5:7777-198.51.100.7:40000.service");
    CHECK(scene.told("shell-on-network") == "low dash(101)");
  }
}

TEST_CASE("program-on-network: interpreters and programs of no package") {
  RuleScene scene;
  SECTION("an interpreter") {
    connect_standard(scene, scene.run("/usr/bin/python3.11", {"python3", "-c", "import socket"}));
    CHECK(scene.told("program-on-network") == "high python3.11(100)");
  }
  SECTION("a program of no package") {
    connect_standard(scene, scene.run_unowned("/usr/local/bin/agent"));
    CHECK(scene.told("program-on-network") == "high agent(100)");
  }
  SECTION("any program, between a connection that it did not accept and itself") {
    const auto editor = scene.run("/usr/bin/vim.basic", {"vim", "-es"});
    connect_standard(scene, editor);
    CHECK(scene.told("program-on-network") == "high vim.basic(100)");
    CHECK(scene.why("program-on-network") == "it is its input and its output");
    SECTION("its parent at the other end") {
      const auto parent = scene.run("/usr/sbin/squid");
      scene.at(parent).start = schema::BootTime{1};
      scene.at(editor).parent = scene.at(parent).pid;
      scene.connect(parent, 9, kThere, kHere);
      CHECK(scene.told("program-on-network").empty());
    }
    SECTION("as a client of the package's ssh or sshd") {
      const auto ssh = scene.run("/usr/bin/ssh", {"ssh", "host"});
      scene.at(ssh).start = schema::BootTime{1};
      scene.at(editor).parent = scene.at(ssh).pid;
      CHECK(scene.told("program-on-network").empty());
      scene.program(ssh).verdict = schema::PackageVerdict::NotOwned;
      CHECK(scene.told("program-on-network") == "high vim.basic(100)");
    }
  }
  SECTION("a package's program, a shell (it has its own rule), a connection elsewhere") {
    scene.connect(scene.run("/usr/bin/rsync"), 0, kHere, kThere);
    const auto served = scene.run("/usr/bin/rsync");
    scene.listen(scene.run("/usr/sbin/inetd"), 4, "0.0.0.0 873");
    scene.hold(scene.connect(served, 0, "10.0.0.5 873", "198.51.100.7 40000"), served, 1);
    connect_standard(scene, scene.run("/usr/bin/bash"));
    scene.connect(scene.run("/usr/bin/perl"), 3, kHere, kThere);
    CHECK(scene.told("program-on-network").empty());
  }
  SECTION("served by a super server") {
    const auto inetd = scene.run("/usr/sbin/xinetd");
    scene.listen(inetd, 4, "0.0.0.0 7777");
    const auto served = scene.run(inetd, "/usr/bin/python3.11", {"python3", "/srv/answer.py"});
    scene.give_script(served, "/srv/answer.py");
    scene.connect(served, 0, "10.0.0.5 7777", "198.51.100.7 40000");
    CHECK(scene.told("program-on-network") == "low python3.11(101)");
  }
}

TEST_CASE("shell-on-remote-terminal: the other side of its terminal") {
  RuleScene scene;
  const auto shell = scene.run("/usr/bin/bash", {"bash"});
  scene.terminal(shell, 3);
  const auto hold_by = [&](schema::ProcessIndex process) { scene.master(process, 7, 3); };
  SECTION("python's pty") {
    const auto python = scene.run("/usr/bin/python3.11", {"python3", "-c", "import pty"});
    scene.connect(python, 3, kHere, kThere);
    hold_by(python);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
  }
  SECTION("socat") {
    const auto socat = scene.run("/usr/bin/socat", {"socat", "TCP:x:1", "EXEC:bash,pty"});
    scene.connect(socat, 5, kHere, kThere);
    scene.give_unit(socat, "relay.service");
    hold_by(socat);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
  }
  SECTION("expect between two terminals") {
    const auto expect = scene.run("/usr/bin/expect", {"expect", "-c", "interact"});
    hold_by(expect);
    CHECK(scene.told("shell-on-remote-terminal").empty());
    const auto nc = scene.run(expect, "/usr/bin/nc.openbsd", {"nc", "x", "1"});
    scene.terminal(nc, 4);
    scene.connect(nc, 3, kHere, kThere);
    scene.master(expect, 8, 4);
    CHECK(scene.told("shell-on-remote-terminal") == "high bash(100)");
    CHECK(scene.why("shell-on-remote-terminal") ==
          "it and nc.openbsd(102) are both held by expect(101)");
    SECTION("a multiplexer shows both, and joins nothing") {
      scene.program(expect).path = "/usr/bin/tmux";
      CHECK(scene.told("shell-on-remote-terminal").empty());
    }
  }
  SECTION("script, which netcat feeds") {
    const auto script = scene.run("/usr/bin/script", {"script", "-qc", "bash", "/dev/null"});
    hold_by(script);
    scene.pipe(script, 0, 9);
    const auto nc = scene.run("/usr/bin/nc.openbsd", {"nc", "x", "1"});
    scene.connect(nc, 3, kHere, kThere);
    scene.pipe(nc, 1, 9);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
    CHECK_THAT(scene.why("shell-on-remote-terminal"),
               Catch::EndsWith("joined with nc.openbsd(102)"));
  }
  SECTION("script below an agent") {
    const auto agent = scene.run("/usr/bin/node", {"node", "/opt/agent.js"});
    scene.give_script(agent, "/opt/agent.js");
    scene.connect(agent, 20, kHere, kThere);
    const auto script = scene.run(agent, "/usr/bin/script", {"script", "-qc", "bash"});
    hold_by(script);
    SECTION("by socket pairs") {
      scene.socket_pair(script, 0, agent, 21);
      CHECK(scene.told("shell-on-remote-terminal").empty());  // one way only
      scene.socket_pair(script, 1, agent, 22);
      CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
      scene.at(shell).command_line = std::string("bash\0-c\0make\0", 13);
      CHECK(scene.told("shell-on-remote-terminal").empty());
    }
    SECTION("in a terminal") {
      scene.terminal(script, 4);
      scene.master(agent, 21, 4);
      CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
      SECTION("of a terminal emulator") {
        scene.program(agent).path = "/usr/bin/xterm";
        CHECK(scene.told("shell-on-remote-terminal") == "low bash(100)");
      }
      SECTION("of a login server") {
        scene.program(agent).path = "/usr/sbin/sshd";
        CHECK(scene.told("shell-on-remote-terminal").empty());
      }
    }
  }
  SECTION("a multiplexer, whose client an agent started") {
    const auto server = scene.run("/usr/bin/tmux");
    hold_by(server);
    const auto client = scene.run("/usr/bin/tmux");
    scene.at(client).program = scene.at(server).program;
    scene.socket_pair(server, 8, client, 6);
    scene.terminal(client, 4);
    const auto agent = scene.run("/usr/bin/python3.11", {"python3", "/opt/agent.py"});
    scene.give_script(agent, "/opt/agent.py");
    scene.master(agent, 5, 4);
    CHECK(scene.told("shell-on-remote-terminal").empty());
    scene.connect(agent, 3, kHere, kThere);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
  }
  SECTION("two processes of one program") {
    const auto net = scene.run("/usr/bin/python3.11", {"python3", "/opt/agent.py"});
    scene.give_script(net, "/opt/agent.py");
    scene.connect(net, 3, kHere, kThere);
    const auto terminal = scene.run("/usr/bin/python3.11", {"python3", "/opt/agent.py"});
    scene.at(terminal).program = scene.at(net).program;
    hold_by(terminal);
    scene.pipe(net, 5, 1);
    scene.pipe(terminal, 4, 1);
    CHECK(scene.told("shell-on-remote-terminal").empty());
    scene.pipe(net, 6, 2);
    scene.pipe(terminal, 8, 2);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
  }
  SECTION("an editor that has a shell and, separately, a client") {
    const auto emacs = scene.run("/usr/bin/emacs-gtk");
    hold_by(emacs);
    const auto ssh = scene.run(emacs, "/usr/bin/ssh", {"ssh", "host"});
    scene.connect(ssh, 3, kHere, kThere);
    scene.socket_pair(emacs, 0, ssh, 0);
    scene.socket_pair(emacs, 1, ssh, 1);
    CHECK(scene.told("shell-on-remote-terminal").empty());
  }
  SECTION("login servers, multiplexers, sudo") {
    const auto sshd = scene.run("/usr/sbin/sshd", {"sshd: alice@pts/3"});
    scene.connect(sshd, 4, "10.0.0.5 22", "198.51.100.7 40000");
    hold_by(sshd);
    CHECK(scene.told("shell-on-remote-terminal").empty());
    scene.snapshot.descriptors.pop_back();
    hold_by(scene.run("/usr/bin/tmux"));
    CHECK(scene.told("shell-on-remote-terminal").empty());
  }
  SECTION("a terminal emulator on a forwarded display") {
    const auto xterm = scene.run("/usr/bin/xterm");
    scene.connect(xterm, 3, "127.0.0.1 50000", "127.0.0.1 6010");
    hold_by(xterm);
    CHECK(scene.told("shell-on-remote-terminal") == "low bash(100)");
    // As script or an editor that was made to hand it out.
    scene.connect(xterm, 0, kHere, kThere);
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
    scene.listen(scene.run("/usr/sbin/inetd"), 4, "0.0.0.0 51234");
    CHECK(scene.told("shell-on-remote-terminal") == "medium bash(100)");  // who connected to it
  }
  SECTION("web terminals") {
    const auto ttyd = scene.run("/usr/bin/ttyd");
    scene.listen(ttyd, 3, "0.0.0.0 7681");
    hold_by(ttyd);
    CHECK(scene.told("shell-on-remote-terminal") == "medium bash(100)");
    scene.program(ttyd).verdict = schema::PackageVerdict::NotOwned;
    CHECK(scene.told("shell-on-remote-terminal") == "critical bash(100)");
    scene.give_unit(ttyd, "ttyd.service");
    CHECK(scene.told("shell-on-remote-terminal") == "medium bash(100)");
  }
  SECTION("an editor's server in a home, on loopback") {
    const auto node = scene.run_unowned("/home/alice/.vscode-server/bin/node");
    scene.listen(node, 3, "127.0.0.1 40000");
    scene.connect(node, 4, "127.0.0.1 40000", "127.0.0.1 40001");
    hold_by(node);
    CHECK(scene.told("shell-on-remote-terminal") == "medium bash(100)");
  }
  SECTION("the terminal of the same number in a container is another one") {
    const auto python = scene.run("/usr/bin/python3.11", {"python3", "/opt/a.py"});
    scene.connect(python, 3, kHere, kThere);
    hold_by(python);
    scene.at(python).mount_namespace = schema::Inode(99);
    const auto inside = scene.run("/usr/bin/dash", {"sh"});
    scene.terminal(inside, 3);
    scene.at(inside).mount_namespace = schema::Inode(99);
    for (auto& descriptor : scene.snapshot.descriptors) {
      if (descriptor.process == inside) {
        descriptor.device = schema::Device(77);
      }
    }
    CHECK(scene.told("shell-on-remote-terminal") == "critical dash(102)");
  }
}

TEST_CASE("shell-holds-connection") {
  RuleScene scene;
  const auto shell = scene.run("/usr/bin/bash", {"bash", "/root/x.sh"});
  const auto socket = scene.connect(shell, 5, kHere, kThere);
  CHECK(scene.told("shell-holds-connection") == "high bash(100)");
  SECTION("a preloaded library of a package asks its own server") {
    scene.snapshot.sockets.clear();
    scene.snapshot.holders.clear();
    const auto asks = scene.connect(shell, 5, "127.0.0.1 50000", "127.0.0.1 42437");
    const auto server = scene.run("/usr/bin/faked-tcp");
    scene.listen(server, 3, "0.0.0.0 42437");
    scene.connect(server, 4, "127.0.0.1 42437", "127.0.0.1 50000");
    CHECK(scene.told("shell-holds-connection") == "high bash(100)");
    scene.at(shell).preload = "LD_PRELOAD=libfakeroot-tcp.so";
    scene.at(shell).preload += '\0';
    CHECK(scene.told("shell-holds-connection") == "low bash(100)");
    SECTION("a server that talks to others") {
      scene.connect(server, 5, kHere, kThere);
      CHECK(scene.told("shell-holds-connection") == "high bash(100)");
    }
    SECTION("of another user") {
      scene.give_user(server, 1000);
      CHECK(scene.told("shell-holds-connection") == "high bash(100)");
    }
    SECTION("of no package") {
      scene.program(server).verdict = schema::PackageVerdict::NotOwned;
      CHECK(scene.told("shell-holds-connection") == "high bash(100)");
    }
    static_cast<void>(asks);
  }
  SECTION("inherited from a server that is still there") {
    const auto server = scene.run("/usr/lib/postgresql/15/bin/postgres");
    scene.hold(socket, server, 9);
    scene.at(shell).parent = scene.at(server).pid;
    scene.at(server).start = schema::BootTime{1};
    CHECK(scene.told("shell-holds-connection").empty());
  }
  SECTION("inherited from a client, by a shell that runs what it reads") {
    const auto agent = scene.run("/usr/bin/python3.11", {"python3", "/opt/agent.py"});
    scene.hold(socket, agent, 3);
    scene.at(shell).parent = scene.at(agent).pid;
    scene.at(agent).start = schema::BootTime{1};
    scene.at(shell).command_line = std::string("sh\0-c\0while read l; do eval $l; done\0", 37);
    CHECK(scene.told("shell-holds-connection") == "high bash(100)");
    CHECK(scene.why("shell-holds-connection") == "at descriptor 5, and it runs what it reads");
    scene.terminal(shell, 1);
    CHECK(scene.told("shell-holds-connection").empty());
  }
  SECTION("a loop that waits for a port") {
    scene.at(socket).state = schema::SocketState::SynSent;
    CHECK(scene.told("shell-holds-connection").empty());
  }
  SECTION("its standard input is the same: another rule's") {
    scene.hold(socket, shell, 0);
    CHECK(scene.told("shell-holds-connection").empty());
  }
}

TEST_CASE("shell-holds-listener") {
  RuleScene scene;
  const auto shell = scene.run("/usr/bin/bash", {"bash"});
  scene.listen(shell, 3, "0.0.0.0 4444");
  CHECK(scene.told("shell-holds-listener") == "high bash(100)");
  scene.give_unit(shell, "on-demand.service");
  CHECK(scene.told("shell-holds-listener") == "high bash(100)");
  scene.give_script(shell, "/usr/local/bin/on-demand");
  CHECK(scene.told("shell-holds-listener") == "low bash(100)");
  SECTION("systemd-socket-activate lends it at 3, outside units as well") {
    scene.at(shell).unit.clear();
    scene.at(shell).cgroup.clear();
    scene.at(shell).parent = schema::Pid(50);
    CHECK(scene.told("shell-holds-listener") == "low bash(100)");
    scene.at(shell).parent = schema::Pid(1);  // whoever opened it is gone
    CHECK(scene.told("shell-holds-listener") == "high bash(100)");
  }
  SECTION("a script that came from a temporary place") {
    scene.give_script(shell, "/dev/shm/on-demand");
    CHECK(scene.told("shell-holds-listener") == "high bash(100)");
  }
}

TEST_CASE("shell-started-by-server") {
  RuleScene scene;
  const auto nginx = scene.run("/usr/sbin/nginx", {"nginx: worker"});
  scene.listen(nginx, 6, "0.0.0.0 80");
  const auto shell = scene.run(nginx, "/usr/bin/dash", {"sh"});
  SECTION("bare, fed by a pipe") {
    scene.pipe(shell, 0, 1);
    CHECK(scene.told("shell-started-by-server") == "critical dash(101)");
    CHECK(scene.why("shell-started-by-server") == "it obeys its input: pipe; nginx(100) listens");
  }
  SECTION("bare, fed by nothing") {
    scene.descriptor(shell, 0, DescriptorKind::Null, "/dev/null");
    CHECK(scene.told("shell-started-by-server") == "medium dash(101)");
  }
  SECTION("a connection of its own, three generations down") {
    scene.at(shell).command_line = std::string("sh\0-c\0x\0", 8);
    const auto python = scene.run(shell, "/usr/bin/python3.11", {"python3", "/tmp/x.py"});
    const auto deep = scene.run(python, "/usr/bin/bash", {"bash", "-c", "y"});
    scene.connect(deep, 0, kHere, kThere);
    CHECK(scene.told("shell-started-by-server") == "critical bash(103), low dash(101)");
  }
  SECTION("CGI, piped logs: a script or a command without a connection") {
    scene.give_script(shell, "/usr/lib/cgi-bin/x.sh");
    CHECK(scene.told("shell-started-by-server") == "low dash(101)");
  }
  SECTION("a script that holds the connection that its server accepted") {
    scene.give_script(shell, "/usr/local/bin/answer");
    scene.connect(shell, 0, "10.0.0.5 80", "198.51.100.7 40000");
    CHECK(scene.told("shell-started-by-server") == "low dash(101)");
  }
  SECTION("people log in") {
    const auto sshd = scene.run("/usr/sbin/sshd", {"sshd"});
    scene.listen(sshd, 3, "0.0.0.0 22");
    const auto session = scene.run(sshd, "/usr/sbin/sshd", {"sshd: alice@pts/3"});
    scene.run(session, "/usr/bin/bash", {"-bash"});
    CHECK(scene.told("shell-started-by-server") == "medium dash(101)");
  }
  SECTION("pid 1 holds listeners for others, and a shell that is no child") {
    scene.listen(schema::ProcessIndex(0), 30, "0.0.0.0 111");
    scene.run("/usr/bin/bash", {"bash"});
    CHECK(scene.told("shell-started-by-server") == "medium dash(101)");
  }
  SECTION("a terminal is shell-on-remote-terminal's") {
    scene.terminal(shell, 2);
    CHECK(scene.told("shell-started-by-server") == "low dash(101)");
  }
}

}  // namespace sockwitness
