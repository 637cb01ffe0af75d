// Inside the kernel and inside other programs: readers of packets, BPF, tracers, set-user-id,
// watchers.

#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using test::RuleScene;

namespace {

schema::SocketIndex netlink(RuleScene& scene, schema::ProcessIndex process, unsigned protocol) {
  const auto added = scene.unix_socket(schema::SocketState::Unconnected, "");
  scene.at(added).protocol = schema::Protocol::Netlink;
  scene.at(added).family = schema::Family::Netlink;
  scene.at(added).number = protocol;
  scene.hold(added, process, 3);
  return added;
}

}  // namespace

TEST_CASE("packet-reader") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/sbin/queued");
  SECTION("netlink") {
    const auto [protocol, told] = GENERATE(table<unsigned, const char*>(
        {{0, ""}, {11, "high queued(100)"}, {12, "high queued(100)"}, {15, ""}}));
    netlink(scene, process, protocol);
    CHECK(scene.told("packet-reader") == told);
  }
  SECTION("AF_XDP") {
    const auto socket = scene.unix_socket(schema::SocketState::Unconnected, "");
    scene.at(socket).family = schema::Family::Other;
    scene.at(socket).number = 44;
    scene.hold(socket, process, 3);
    CHECK(scene.told("packet-reader") == "high queued(100)");
  }
  SECTION("of a package, of a product, at a terminal, a server by hand") {
    netlink(scene, process, 12);
    scene.listen(process, 4, "0.0.0.0 8080");
    CHECK(scene.told("packet-reader") == "low queued(100)");
    scene.snapshot.holders.pop_back();
    scene.program(process).path = "/opt/engine/bin/queued";
    CHECK(scene.told("packet-reader") == "low queued(100)");
    scene.program(process).path = "/root/queued";
    scene.terminal(process, 1);
    CHECK(scene.told("packet-reader") == "medium queued(100)");
    scene.program(process).verdict = schema::PackageVerdict::Matches;
    CHECK(scene.told("packet-reader").empty());
  }
}

TEST_CASE("bpf-holder") {
  RuleScene scene;
  const auto process = scene.run_unowned("/root/steer");
  scene.descriptor(process, 4, schema::DescriptorKind::Anonymous, "anon_inode:[eventpoll]");
  CHECK(scene.told("bpf-holder").empty());
  scene.descriptor(process, 5, schema::DescriptorKind::Anonymous, "anon_inode:bpf-prog");
  CHECK(scene.told("bpf-holder") == "high steer(100)");
  scene.program(process).path = "/opt/watch/lib/steer";
  CHECK(scene.told("bpf-holder") == "low steer(100)");
  scene.program(process).verdict = schema::PackageVerdict::Matches;
  CHECK(scene.told("bpf-holder").empty());
}

TEST_CASE("watched-program") {
  RuleScene scene;
  const auto one = scene.run_unowned("/usr/local/bin/keepd");
  const auto other = scene.run_unowned("/usr/local/bin/keepd");
  scene.at(other).program = scene.at(one).program;
  scene.listen(one, 3, "0.0.0.0 7000");
  CHECK(scene.told("watched-program").empty());
  scene.pipe(one, 4, 77);
  scene.pipe(other, 5, 77);
  CHECK(scene.told("watched-program") == "medium keepd(101)");
  SECTION("in one session") {
    scene.at(other).session = scene.at(one).session;
    CHECK(scene.told("watched-program").empty());
  }
  SECTION("three of them") {
    const auto third = scene.run_unowned("/usr/local/bin/keepd");
    scene.at(third).program = scene.at(one).program;
    CHECK(scene.told("watched-program").empty());
  }
  SECTION("by pid") {
    scene.snapshot.descriptors.clear();
    scene.at(other).command_line = std::string(
        "keepd\0--watch\0"
        "100\0",
        18);
    CHECK(scene.told("watched-program") == "medium keepd(101)");
  }
  SECTION("of a product") {
    scene.program(one).path = "/opt/keep/bin/keepd";
    CHECK(scene.told("watched-program") == "low keepd(101)");
  }
}

TEST_CASE("bound-not-listening") {
  RuleScene scene;
  const auto process = scene.run_unowned("/root/waits");
  const auto socket = scene.listen(process, 3, "0.0.0.0 4567");
  scene.at(socket).state = schema::SocketState::Unconnected;
  CHECK(scene.told("bound-not-listening") == "medium waits(100)");
  SECTION("a port for clients") {
    scene.at(socket).local_port = schema::Port(40000);
    CHECK(scene.told("bound-not-listening").empty());
  }
  SECTION("on loopback") {
    scene.at(socket).local_address = *schema::IpAddress::parse("127.0.0.1");
    CHECK(scene.told("bound-not-listening") == "low waits(100)");
  }
  SECTION("of a package") {
    scene.program(process).verdict = schema::PackageVerdict::Matches;
    CHECK(scene.told("bound-not-listening").empty());
  }
}

TEST_CASE("set-user-id") {
  RuleScene scene;
  const auto process = scene.run_unowned("/usr/local/bin/rootsh");
  scene.listen(process, 3, "0.0.0.0 7000");
  CHECK(scene.told("set-user-id").empty());
  scene.at(process).real_uid = schema::Uid(1000);
  const schema::ProcessIndex init(0);
  scene.at(init).user_namespace = schema::Inode(4026531837);
  scene.at(process).user_namespace = schema::Inode(4026531837);
  CHECK(scene.told("set-user-id") == "high rootsh(100)");
  SECTION("a namespace of users") {
    scene.at(process).user_namespace = schema::Inode(4026532000);
    CHECK(scene.told("set-user-id") == "low rootsh(100)");
  }
  SECTION("root gave up") {
    scene.give_user(process, 1000);
    scene.at(process).real_uid = schema::Uid(0);
    CHECK(scene.told("set-user-id").empty());
  }
}

TEST_CASE("traced-daemon") {
  RuleScene scene;
  const auto daemon = scene.run("/usr/sbin/nginx");
  scene.listen(daemon, 3, "0.0.0.0 80");
  const auto tracer = scene.run_unowned("/usr/local/bin/peek");
  CHECK(scene.told("traced-daemon").empty());
  scene.at(daemon).tracer = scene.at(tracer).pid;
  CHECK(scene.told("traced-daemon") == "high peek(101)");
  SECTION("it started it") {
    scene.at(daemon).parent = scene.at(tracer).pid;
    scene.at(tracer).start.nanoseconds -= 1'000'000'000;
    CHECK(scene.told("traced-daemon").empty());
  }
  SECTION("a debugger at a terminal") {
    scene.program(tracer).verdict = schema::PackageVerdict::Matches;
    scene.program(tracer).package = "gdb";
    CHECK(scene.told("traced-daemon") == "low peek(101)");
    scene.program(daemon).path = "/usr/sbin/sshd";
    CHECK(scene.told("traced-daemon") == "high peek(101)");
    scene.terminal(tracer, 1);
    CHECK(scene.told("traced-daemon") == "medium peek(101)");
  }
}

TEST_CASE("code-in-environment") {
  RuleScene scene;
  const auto process = scene.run("/usr/bin/node");
  scene.give_script(process, "/usr/share/app/app.js", true);
  const auto with = [&](const char* variable) {
    scene.at(process).preload = std::string(variable) + '\0';
    return scene.told("code-in-environment");
  };
  CHECK(with("NODE_OPTIONS=/tmp/x.js").empty());
  scene.listen(process, 3, "0.0.0.0 3000");
  CHECK(with("NODE_OPTIONS=/tmp/x.js") == "high node(100)");
  CHECK(with("PYTHONPATH=/usr/share/x:/dev/shm/y") == "high node(100)");
  CHECK(with("PYTHONPATH=/usr/share/x:/srv/y").empty());
  CHECK(with("NODE_OPTIONS=/usr/local/x.js") == "medium node(100)");
  CHECK(with("JAVA_TOOL_OPTIONS=/opt/agent/lib/agent.jar") == "low node(100)");
  CHECK(with("LD_PRELOAD=/tmp/x.so").empty());
}

TEST_CASE("agent-of-another") {
  RuleScene scene;
  const auto agent = scene.run("/usr/bin/ssh-agent");
  scene.give_user(agent, 1000);
  const auto client = scene.run("/usr/bin/ssh");
  scene.socket_pair(agent, 4, client, 3);
  scene.snapshot.sockets[0].name = "/tmp/ssh-x/agent.1";
  CHECK(scene.told("agent-of-another") == "high ssh(101)");
  SECTION("its own user") {
    scene.give_user(client, 1000);
    CHECK(scene.told("agent-of-another").empty());
  }
  SECTION("sudo") {
    const auto shell = scene.run("/usr/bin/bash");
    scene.give_user(shell, 1000);
    scene.at(client).parent = scene.at(shell).pid;
    scene.at(client).start = scene.at(shell).start;
    scene.at(client).start.nanoseconds += 1000;
    CHECK(scene.told("agent-of-another").empty());
  }
}

}  // namespace sockwitness
