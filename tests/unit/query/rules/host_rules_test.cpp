// What captures, tunnels, hides; and a host with nothing to find.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using schema::DescriptorKind;
using schema::GapSource;
using schema::NoHolderReason;
using schema::PackageVerdict;
using schema::Protocol;
using test::RuleScene;

TEST_CASE("packet-socket") {
  RuleScene scene;
  SECTION("of no package") {
    const auto process = scene.run_unowned("/opt/x");
    scene.at(scene.capture(process, 3, Protocol::Packet, 3)).filter_length = 30;
    CHECK(scene.told("packet-socket") == "critical x(100)");
    CHECK_THAT(scene.why("packet-socket"), Catch::EndsWith("a filter of 30 steps chooses packets"));
  }
  SECTION("in an interpreter") {
    const auto process = scene.run("/usr/bin/python3.11", {"python3", "/root/sniff.py"});
    scene.give_script(process, "/root/sniff.py");
    scene.capture(process, 3, Protocol::Packet, 3);
    CHECK(scene.told("packet-socket") == "high python3.11(100)");
    scene.give_script(process, "/usr/share/x/monitor.py", true);
    scene.give_unit(process, "monitor.service");
    CHECK(scene.told("packet-socket") == "info python3.11(100)");
  }
  SECTION("network managers of packages") {
    const auto process = scene.run("/usr/sbin/dhclient");
    scene.capture(process, 5, Protocol::Packet, 3);
    scene.program(process).package = "isc-dhcp-client";
    CHECK(scene.told("packet-socket") == "info dhclient(100)");
  }
  SECTION("tcpdump") {
    const auto process = scene.run("/usr/bin/tcpdump");
    scene.capture(process, 3, Protocol::Packet, 3);
    scene.snapshot.sockets.back().promiscuous = true;
    CHECK(scene.told("packet-socket") == "medium tcpdump(100)");
    scene.terminal(process, 1);
    CHECK(scene.told("packet-socket") == "low tcpdump(100)");
    CHECK_THAT(scene.why("packet-socket"), Catch::EndsWith("what is meant for others"));
    scene.program(process).path = "/tmp/tcpdump";
    scene.program(process).verdict = PackageVerdict::NotOwned;
    CHECK(scene.told("packet-socket") == "critical tcpdump(100)");
  }
  SECTION("tcpdump by ssh") {
    const auto login = scene.run("/usr/sbin/sshd");
    const auto process = scene.run(login, "/usr/bin/tcpdump");
    scene.capture(process, 3, Protocol::Packet, 3);
    CHECK(scene.told("packet-socket") == "medium tcpdump(101)");
    scene.pipe(process, 1, 5);
    scene.pipe(login, 9, 5);
    CHECK(scene.told("packet-socket") == "low tcpdump(101)");
    scene.program(login).verdict = PackageVerdict::NotOwned;
    CHECK(scene.told("packet-socket") == "medium tcpdump(101)");
  }
  SECTION("a tool that was handed one") {
    const auto process = scene.run("/usr/bin/sleep", {"sleep", "999"});
    scene.program(process).package = "coreutils";
    scene.capture(process, 3, Protocol::Packet, 3);
    CHECK(scene.told("packet-socket") == "high sleep(100)");
  }
  SECTION("a program that could not be read") {
    const auto process = scene.run("/usr/sbin/daemon");
    scene.capture(process, 3, Protocol::Packet, 3);
    scene.at(process).program.reset();
    CHECK(scene.told("packet-socket") == "low daemon(100)");
  }
}

TEST_CASE("hidden-process") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/sleep");
  CHECK(scene.told("hidden-process").empty());
  SECTION("covered by a mount") {
    scene.at(process).covered = true;
    CHECK(scene.told("hidden-process") == "critical sleep(100)");
    CHECK(scene.why("hidden-process") == "something is mounted over /proc/100");
  }
  SECTION("not listed") {
    scene.at(process).unlisted = true;
    CHECK(scene.why("hidden-process") == "/proc does not list 100");
  }
}

TEST_CASE("host-preload") {
  RuleScene scene;
  const auto daemon = scene.run("/usr/sbin/daemon");
  CHECK(scene.told("host-preload").empty());
  SECTION("a library that no package vouches for, in a process") {
    scene.snapshot.context.preload_file = "/usr/lib/x86_64-linux-gnu/libxfs.so\n";
    scene.map(daemon, "/usr/lib/x86_64-linux-gnu/libxfs.so");
    CHECK(scene.told("host-preload") == "critical daemon(100)");
  }
  SECTION("not in any process yet") {
    scene.snapshot.context.preload_file = "/opt/lib/a.so:/dev/shm/b.so";
    CHECK(scene.told("host-preload") == "critical systemd(1), high systemd(1)");
  }
  SECTION("of a package, as nothing is known against it") {
    scene.snapshot.context.preload_file = " /usr/lib/libeatmydata.so\n";
    CHECK(scene.told("host-preload") == "low systemd(1)");
  }
}

TEST_CASE("raw-socket") {
  RuleScene scene;
  SECTION("of no package") {
    scene.capture(scene.run_unowned("/opt/x"), 3, Protocol::Raw, 1);
    CHECK(scene.told("raw-socket") == "high x(100)");
    CHECK(scene.why("raw-socket") == "IP protocol 1 (ICMP)");
  }
  SECTION("in an interpreter") {
    scene.capture(
        scene.run("/usr/bin/python3.11", {"python3", "/root/icmpdoor.py"}), 3, Protocol::Raw, 1);
    CHECK(scene.told("raw-socket") == "high python3.11(100)");
  }
  SECTION("ping") {
    const auto ping = scene.run("/usr/bin/ping");
    scene.program(ping).package = "iputils-ping";
    scene.capture(ping, 3, Protocol::Raw, 1);
    CHECK(scene.told("raw-socket") == "info ping(100)");
  }
  SECTION("a daemon of a package") {
    const auto daemon = scene.run("/usr/sbin/daemon");
    scene.capture(daemon, 3, Protocol::Raw, 6);
    CHECK(scene.told("raw-socket") == "low daemon(100)");
    scene.give_unit(daemon, "daemon.service");
    CHECK(scene.told("raw-socket") == "info daemon(100)");
  }
}

TEST_CASE("silent-backdoor") {
  RuleScene scene;
  const auto process = scene.run_unowned("/dev/shm/kdmtmpflush");
  scene.program(process).state = schema::FileState::Deleted;
  scene.capture(process, 3, Protocol::Packet, 3);
  CHECK(scene.told("silent-backdoor") == "critical kdmtmpflush(100)");
  SECTION("it listens: something else") {
    scene.listen(process, 4, "0.0.0.0 8081");
    CHECK(scene.told("silent-backdoor").empty());
  }
  SECTION("a program of its own in its place") {
    scene.program(process).state = schema::FileState::Present;
    scene.program(process).path = "/opt/capture";
    CHECK(scene.told("silent-backdoor").empty());
  }
  SECTION("a package's") {
    const auto ping = scene.run("/usr/bin/ping");
    scene.capture(ping, 3, Protocol::Raw, 1);
    CHECK(scene.told("silent-backdoor") == "critical kdmtmpflush(100)");
  }
}

TEST_CASE("tunnel-device") {
  RuleScene scene;
  const auto process = scene.run_unowned("/opt/tunnel");
  scene.descriptor(process, 5, DescriptorKind::Tun, "tun7");
  CHECK(scene.told("tunnel-device") == "medium tunnel(100)");
  scene.give_unit(process, "vpn.service");
  CHECK(scene.told("tunnel-device") == "low tunnel(100)");
  scene.program(process).verdict = PackageVerdict::Matches;
  CHECK(scene.told("tunnel-device").empty());
}

TEST_CASE("listener-without-owner") {
  RuleScene scene;
  const auto socket = scene.socket(Protocol::Tcp, "0.0.0.0 31337");
  scene.at(socket).no_holder = NoHolderReason::Kernel;
  CHECK(scene.told("listener-without-owner") == "high nobody");
  SECTION("somebody's descriptors could not be read") {
    scene.gap(GapSource::ProcessField, schema::GapPart::Descriptors, 1);
    CHECK(scene.told("listener-without-owner").empty());
  }
  SECTION("a process could not be read at all, or the list is not all") {
    scene.gap(GENERATE(GapSource::Process, GapSource::ProcessList, GapSource::Descriptors));
    CHECK(scene.told("listener-without-owner").empty());
  }
  SECTION("the recorder knows a reason") {
    scene.at(socket).no_holder = NoHolderReason::Permission;
    CHECK(scene.told("listener-without-owner").empty());
  }
  SECTION("NFS") {
    const auto thread = scene.process("nfsd", 77);
    scene.at(thread).kernel_thread = true;
    CHECK(scene.told("listener-without-owner") == "low nobody");
  }
  SECTION("a process is called so, but is none of the kernel") {
    scene.process("nfsd", 77);
    CHECK(scene.told("listener-without-owner") == "high nobody");
  }
  SECTION("registered at rpcbind") {
    scene.snapshot.registrations = {{100003, 3, "tcp", "0.0.0.0.122.105", "superuser"}};
    CHECK(scene.told("listener-without-owner").empty());
  }
  SECTION("WireGuard and VXLAN are UDP") {
    scene.at(socket).protocol = Protocol::Udp;
    scene.at(socket).state = schema::SocketState::Unconnected;
    CHECK(scene.told("listener-without-owner") == "low nobody");
  }
}

TEST_CASE("parent-not-listed") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/sleep");
  scene.at(process).start = schema::BootTime{1};
  scene.at(process).parent = schema::Pid(4711);
  CHECK(scene.told("parent-not-listed") == "low sleep(100)");
  scene.gap(GapSource::Process, {}, 4711);
  CHECK(scene.told("parent-not-listed").empty());
}

TEST_CASE("nameless-namespace") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/nc.openbsd", {"nc", "-l", "81"});
  const auto socket = scene.listen(process, 3, "0.0.0.0 81");
  const auto nameless = scene.netns("netns 4026532345");
  scene.at(socket).netns = nameless;
  CHECK(scene.told("nameless-namespace") == "high nc.openbsd(100)");
  CHECK(scene.why("nameless-namespace") == "it lives in netns 4026532345, its holder does not");
  scene.at(process).netns = nameless;
  CHECK(scene.why("nameless-namespace") == "it lives in netns 4026532345");
  SECTION("reachable on loopback only") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("nameless-namespace") == "medium nc.openbsd(100)");
    scene.give_user(process, 1000);
    CHECK(scene.told("nameless-namespace") == "low nc.openbsd(100)");
  }
  SECTION("a user's") {
    scene.give_user(process, 1000);
    CHECK(scene.told("nameless-namespace") == "medium nc.openbsd(100)");
  }
  SECTION("explained") {
    scene.at(process).netns = schema::NetnsIndex(0);
    for (const char* label : {"container 4f1c", "unit app.service", "blue"}) {
      scene.snapshot.namespaces[nameless.value()].label = label;
      CAPTURE(label);
      CHECK(scene.told("nameless-namespace").empty());
    }
  }
  SECTION("a control group alone makes no container and no unit") {
    scene.at(schema::ProcessIndex(0)).mount_namespace = schema::Inode(4026531841);
    for (const char* label : {"container 4f1c", "unit fake.service"}) {
      scene.snapshot.namespaces[nameless.value()].label = label;
      scene.at(process).container = label[0] == 'c' ? "4f1c" : "";
      scene.at(process).unit = label[0] == 'c' ? "" : "fake.service";
      scene.at(process).login_uid = schema::Uid(0);
      CAPTURE(label);
      CHECK(scene.told("nameless-namespace") == "high nc.openbsd(100)");
    }
    scene.snapshot.namespaces[nameless.value()].label = "container 4f1c";
    scene.at(process).container = "4f1c";
    scene.at(process).mount_namespace = schema::Inode(7);
    CHECK(scene.told("nameless-namespace").empty());
  }
  SECTION("vsftpd puts a session into an empty namespace; its sockets stay") {
    scene.at(socket).netns = schema::NetnsIndex(0);
    CHECK(scene.told("nameless-namespace").empty());
  }
}

TEST_CASE("a stock server says nothing of weight, and neither does an empty host") {
  RuleScene scene;
  const auto serve =
      [&](const char* path, const char* unit, const char* end, Protocol protocol = Protocol::Tcp) {
        const auto process = scene.run(path);
        scene.give_unit(process, unit);
        scene.listen(process, 3, end, protocol);
        return process;
      };
  const auto sshd = serve("/usr/sbin/sshd", "ssh.service", "0.0.0.0 22");
  serve("/usr/sbin/nginx", "nginx.service", "0.0.0.0 80");
  serve("/usr/sbin/rpcbind", "rpcbind.service", "0.0.0.0 111", Protocol::Udp);
  serve("/usr/bin/redis-check-rdb", "redis-server.service", "127.0.0.1 6379");
  const auto session = scene.run(sshd, "/usr/sbin/sshd", {"sshd: alice@pts/0"});
  scene.connect(session, 4, "10.0.0.5 22", "198.51.100.7 40000");
  scene.master(session, 8, 0);
  const auto shell = scene.run(session, "/usr/bin/bash", {"-bash"});
  scene.terminal(shell, 0);
  scene.at(shell).cgroup = "/user.slice/user-1000.slice/session-3.scope";
  const auto dhclient = scene.run("/usr/sbin/dhclient");
  scene.program(dhclient).package = "isc-dhcp-client";
  scene.capture(dhclient, 5, Protocol::Packet, 3);
  CHECK(scene.told_of_weight().empty());
  CHECK(RuleScene().told_of_weight().empty());
}

}  // namespace sockwitness
