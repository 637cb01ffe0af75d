#include "tests/unit/query/scene.h"

#include <stdexcept>

#include "schema/base/scan.h"

namespace sockwitness::test {
namespace {

using namespace schema;

constexpr std::int64_t kUptimeNs = 100'000'000'000'000;

struct End {
  IpAddress address;
  Port port;
};

End parse_end(std::string_view text) {
  const auto blank = text.find(' ');
  const auto address = IpAddress::parse(text.substr(0, blank));
  const auto port = parse_number<std::uint16_t>(text.substr(blank + 1));
  if (!address || !port) {
    throw std::invalid_argument("an end is ADDRESS PORT");
  }
  return {*address, Port(*port)};
}

ClockReading clocks(WallTime at) {
  return {at, BootTime{kUptimeNs}, kUptimeNs};
}

bool is_stream(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Sctp || protocol == Protocol::Mptcp;
}

}  // namespace

Scene::Scene(std::int64_t seq, WallTime at) {
  snapshot.seq = Seq(seq);
  snapshot.begin = clocks(at);
  snapshot.end = clocks({at.microseconds + 11'000});
  snapshot.context.boot_id = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0";
  snapshot.context.host_name = "web07";
  snapshot.context.kernel = "6.1.0-18-amd64";
  snapshot.context.recorder_version = "0.1.0";
  snapshot.cost.wall_us = 11'000;
  snapshot.users = {{Uid(0), "root"}, {Uid(33), "www-data"}};
  snapshot.namespaces = {{Inode(4026531840), "host"}};
}

ProcessIndex Scene::process(std::string_view name, int pid, std::string_view path) {
  Process added;
  added.pid = Pid(pid);
  added.parent = Pid(1);
  added.name = name;
  added.start = BootTime{std::int64_t{pid} * 1'000'000'000};
  added.command_line = std::string(path) + '\0';
  if (!path.empty()) {
    Program program;
    program.path = path;
    program.verdict = PackageVerdict::Matches;
    program.package = "example";
    snapshot.programs.push_back(program);
    added.program = ProgramIndex(static_cast<std::uint32_t>(snapshot.programs.size() - 1));
  }
  snapshot.processes.push_back(added);
  return ProcessIndex(static_cast<std::uint32_t>(snapshot.processes.size() - 1));
}

SocketIndex Scene::socket(Protocol protocol, std::string_view end, std::string_view peer) {
  Socket added;
  added.protocol = protocol;
  const End local = parse_end(end);
  added.family = local.address.is_v6() ? Family::Ipv6 : Family::Ipv4;
  added.type = is_stream(protocol) ? SocketType::Stream : SocketType::Dgram;
  added.local_address = local.address;
  added.local_port = local.port;
  added.remote_address = local.address.is_v6() ? IpAddress::any_v6() : IpAddress();
  added.state = is_stream(protocol) ? SocketState::Listen : SocketState::Unconnected;
  if (!peer.empty()) {
    const End remote = parse_end(peer);
    added.remote_address = remote.address;
    added.remote_port = remote.port;
    added.state = SocketState::Established;
  } else if (is_stream(protocol)) {
    added.backlog = 128;
  }
  added.uid = Uid(0);
  added.inode = Inode(1000 + snapshot.sockets.size());
  added.cookie = SocketCookie(1 + snapshot.sockets.size());
  snapshot.sockets.push_back(added);
  return SocketIndex(static_cast<std::uint32_t>(snapshot.sockets.size() - 1));
}

SocketIndex Scene::unix_socket(SocketState state, std::string name) {
  Socket added;
  added.protocol = Protocol::Unix;
  added.family = Family::Unix;
  added.state = state;
  added.name = std::move(name);
  added.uid = Uid(0);
  added.inode = Inode(1000 + snapshot.sockets.size());
  added.cookie = SocketCookie(1 + snapshot.sockets.size());
  snapshot.sockets.push_back(added);
  return SocketIndex(static_cast<std::uint32_t>(snapshot.sockets.size() - 1));
}

void Scene::hold(SocketIndex socket, ProcessIndex process, int fd) {
  snapshot.holders.push_back({socket, process, Fd(fd)});
}

NetnsIndex Scene::netns(std::string label) {
  const auto index = static_cast<std::uint32_t>(snapshot.namespaces.size());
  snapshot.namespaces.push_back({Inode(4026532000ULL + index), std::move(label)});
  return NetnsIndex(index);
}

SnapshotInfo info_at(std::int64_t seq, std::int64_t minute, std::string_view boot) {
  SnapshotInfo info;
  info.seq = Seq(seq);
  info.begin.wall = {kSceneTime.microseconds + minute * kMinuteUs};
  info.begin.since_boot = {kUptimeNs + minute * kMinuteUs * 1000};
  info.begin.monotonic_ns = info.begin.since_boot.nanoseconds;
  info.end = info.begin;
  info.context.boot_id = boot;
  return info;
}

}  // namespace sockwitness::test
