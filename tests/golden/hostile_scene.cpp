#include "tests/golden/hostile_scene.h"

namespace sockwitness::test {
namespace {

using namespace schema;
using namespace std::string_literals;

constexpr std::int64_t kHourUs = 60 * kMinuteUs;

void add_servers(Scene& scene) {
  const auto sshd = scene.process("sshd", 812, "/usr/sbin/sshd");
  scene.at(sshd).unit = "ssh.service";
  scene.hold(scene.socket(Protocol::Tcp, "0.0.0.0 22"), sshd, 3);
  const auto six = scene.socket(Protocol::Tcp, ":: 22");
  scene.at(six).v6only = true;
  scene.hold(six, sshd, 4);

  const auto web = scene.socket(Protocol::Tcp, ":: 80");
  scene.at(web).v6only = false;
  scene.at(web).backlog = 511;
  scene.at(web).queues.recv_q = 2;
  for (int worker = 0; worker < 3; ++worker) {
    const auto process = scene.process("nginx", 903 + worker, "/usr/sbin/nginx");
    scene.at(process).unit = "nginx.service";
    scene.at(process).effective_uid = Uid(worker == 0 ? 0 : 33);
    scene.hold(web, process, 6);
  }
  const auto accepted =
      scene.socket(Protocol::Tcp, "::ffff:10.0.0.5 80", "::ffff:198.51.100.7 51234");
  scene.at(accepted).uid = Uid(33);
  scene.hold(accepted, ProcessIndex(2), 9);
  scene.at(scene.socket(Protocol::Tcp, "10.0.0.5 80", "198.51.100.8 51235")).state =
      SocketState::TimeWait;
  scene.at(SocketIndex(4)).no_holder = NoHolderReason::TimeWait;
  scene.at(SocketIndex(4)).inode = Inode(0);

  const auto kernel = scene.socket(Protocol::Tcp, "0.0.0.0 2049");
  scene.at(kernel).no_holder = NoHolderReason::Kernel;
  const auto rpc = scene.process("rpcbind", 644, "/usr/sbin/rpcbind");
  scene.hold(scene.socket(Protocol::Udp, "0.0.0.0 111"), rpc, 6);
  scene.snapshot.registrations = {{100000, 4, "udp", "0.0.0.0.0.111", "superuser"}};
}

void add_other_families(Scene& scene) {
  const auto raw = scene.socket(Protocol::Raw, "0.0.0.0 1");
  scene.at(raw).no_holder = NoHolderReason::Permission;
  const auto app = scene.process("app", 1500, "/opt/app");
  scene.hold(scene.unix_socket(SocketState::Listen, "/run/app.sock"), app, 5);
  scene.hold(scene.unix_socket(SocketState::Listen, "@looks-abstract"), app, 6);
  scene.hold(scene.unix_socket(SocketState::Listen, "\0really abstract"s), app, 7);
  scene.hold(scene.unix_socket(SocketState::Unconnected, "\0odd\0\xff"s), app, 8);
  const auto pair = scene.unix_socket(SocketState::Established, "");
  scene.at(pair).peer = Inode(4711);
  scene.hold(pair, app, 9);
  Socket packet;
  packet.protocol = Protocol::Packet;
  packet.family = Family::Packet;
  packet.type = SocketType::Raw;
  packet.number = 3;
  packet.interface = InterfaceIndex(2);
  packet.interface_name = "eth0";
  packet.uid = Uid(0);
  packet.inode = Inode(5000);
  packet.cookie = SocketCookie(500);
  packet.no_holder = NoHolderReason::Exited;
  scene.snapshot.sockets.push_back(packet);
  Socket netlink = packet;
  netlink.protocol = Protocol::Netlink;
  netlink.family = Family::Netlink;
  netlink.number = 0;
  netlink.port_id = 812;
  netlink.interface_name.clear();
  netlink.inode = Inode(5001);
  netlink.cookie = SocketCookie(501);
  scene.snapshot.sockets.push_back(netlink);
}

// Names that forge rows, drive terminals, start formulas, or are no text at all.
void add_hostile(Scene& scene) {
  struct Attack {
    const char* name;
    const char* path;
    std::string command_line;
  };
  const std::vector<Attack> attacks{
      {"\x1b]0;owned\x07", "/tmp/\x1b[2Jclean", "a\0b c\0"s},
      {"x\ntcp 0 0", "/tmp/new\nline", "x\n"s},
      {"=cmd|' /C calc", "/tmp/=1+1", "=1+1\0"s},
      {"\xff\xfe", "/tmp/\xc3\x28", "\xff\0"s},
      {"\u202egnp.exe", "/tmp/\u2066bidi", "\u202e\0\0"s},
      {"\"},{\"pid\":1", "/tmp/<script>", "\"quoted\",comma\0"s},
      {"日本語", "/opt/日本", "日本\0語\0"s},
      {"back\\slash", "/tmp/a\\x1b", ""s},
  };
  int pid = 4000;
  for (const Attack& attack : attacks) {
    const auto process = scene.process(attack.name, pid, attack.path);
    scene.at(process).command_line = attack.command_line;
    scene.at(process).script = attack.path;
    scene.at(process).unit = attack.name;
    scene.snapshot.programs.back().package.clear();
    scene.snapshot.programs.back().verdict = PackageVerdict::NotOwned;
    scene.snapshot.programs.back().sha256 = std::string(32, '\xab');
    const auto socket = scene.socket(Protocol::Tcp, "0.0.0.0 " + std::to_string(pid));
    scene.at(socket).uid = Uid(12345);
    scene.hold(socket, process, 3);
    ++pid;
  }
  scene.at(scene.socket(Protocol::Tcp, "127.0.0.1 6379")).netns =
      scene.netns("container 4f1c\x1b[31m");
  scene.snapshot.sockets.back().no_holder = NoHolderReason::OtherPidNamespace;
  const auto contained = scene.process("redis-server", 4100, "/usr/bin/redis-server");
  scene.at(contained).container =
      "4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e";
  auto& facts = scene.at(contained).container_facts.emplace();
  facts.name = "cache\x1b[31m";
  facts.image = "<script>alert(1)</script>|redis:7";
  facts.project = "=1+1";
  facts.service = "cache\n";
  scene.hold(scene.socket(Protocol::Tcp, "127.0.0.1 6380"), contained, 6);
}

}  // namespace

Scene busy_host_before() {
  Scene scene(41, {kSceneTime.microseconds - 5 * kMinuteUs});
  add_servers(scene);
  const auto gone = scene.process("postgres", 2000, "/usr/lib/postgresql/15/bin/postgres");
  scene.at(gone).unit = "postgresql@15-main.service";
  scene.hold(scene.socket(Protocol::Tcp, "127.0.0.1 5432"), gone, 5);
  scene.at(scene.socket(Protocol::Tcp, "0.0.0.0 9000")).netns = scene.netns("container aa");
  return scene;
}

Scene busy_host() {
  Scene scene;
  add_servers(scene);
  add_other_families(scene);
  add_hostile(scene);
  Gap descriptors;
  descriptors.source = GapSource::Descriptors;
  descriptors.reason = GapReason::Permission;
  descriptors.count = 3;
  Gap closed;
  closed.source = GapSource::Namespace;
  closed.reason = GapReason::Failed;
  closed.error_number = 13;
  scene.snapshot.gaps = {closed, descriptors};
  scene.snapshot.note = "before \x1b[1mupgrade";
  return scene;
}

std::vector<Seen> lifetimes_of(const Snapshot& snapshot) {
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < snapshot.sockets.size(); ++at) {
    const auto hours = static_cast<std::int64_t>(snapshot.sockets.size() - at - 1);
    seen.push_back({{snapshot.begin.wall.microseconds - hours * kHourUs}, snapshot.begin.wall});
  }
  return seen;
}

std::vector<SnapshotInfo> eventful_history() {
  std::vector<SnapshotInfo> infos{info_at(1, 0),
                                  info_at(2, 5),
                                  info_at(3, 10),
                                  info_at(4, 40),
                                  info_at(5, 45),
                                  info_at(6, 50),
                                  info_at(7, 53, "b")};
  for (SnapshotInfo& info : infos) {
    info.context.host_name = "web07";
    info.totals = {61, 312, 204, 0};
    info.cost.wall_us = 11'000;
  }
  infos[2].totals.gaps = 1;
  infos[4].begin.wall.microseconds -= kHourUs;
  infos[5].begin.wall.microseconds -= kHourUs;
  infos[5].begin.monotonic_ns -= 120'000'000'000;
  infos[6].clock_sync = ClockSync{};
  infos[6].note = "after the reboot";
  return infos;
}

std::vector<MissedRun> missed_runs() {
  return {{{kSceneTime.microseconds + 15 * kMinuteUs}, MissedKind::Failed, 1, "disk full", Seq(3)},
          {{kSceneTime.microseconds + 20 * kMinuteUs}, MissedKind::Late, 4, "", Seq(3)},
          {{kSceneTime.microseconds + 58 * kMinuteUs},
           MissedKind::Skipped,
           1,
           "another run \x1b held the lock",
           Seq(7)}};
}

}  // namespace sockwitness::test
