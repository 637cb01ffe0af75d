#include "tests/support/random_history.h"

#include <algorithm>
#include <limits>

namespace sockwitness::test {
namespace {

using schema::Protocol;
using schema::SocketState;

constexpr std::size_t kFewProcesses = 12;
constexpr std::size_t kFewSockets = 18;

template <class T>
T boundary(Dice& dice, std::uint64_t any) {
  constexpr T kTop = static_cast<T>(T{1} << (std::numeric_limits<T>::digits - 1));
  switch (dice.below(8)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return std::numeric_limits<T>::max();
    case 3:
      return kTop;
    case 4:
      return static_cast<T>(kTop - 1);
    default:
      return static_cast<T>(any);
  }
}

bool has_addresses(Protocol protocol) {
  switch (protocol) {
    case Protocol::Unix:
    case Protocol::Packet:
    case Protocol::Netlink:
    case Protocol::Vsock:
    case Protocol::Other:
      return false;
    default:
      return true;
  }
}

schema::Family family_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Unix:
      return schema::Family::Unix;
    case Protocol::Packet:
      return schema::Family::Packet;
    case Protocol::Netlink:
      return schema::Family::Netlink;
    case Protocol::Vsock:
      return schema::Family::Vsock;
    default:
      return schema::Family::Other;
  }
}

}  // namespace

std::uint64_t Dice::bits64() {
  return boundary<std::uint64_t>(*this, engine_());
}
std::uint32_t Dice::bits32() {
  return boundary<std::uint32_t>(*this, engine_());
}
std::uint16_t Dice::bits16() {
  return boundary<std::uint16_t>(*this, engine_());
}

std::string Dice::bytes(std::size_t longest) {
  std::string text(below(longest + 1), '\0');
  const std::uint64_t kind = below(4);
  for (char& byte : text) {
    byte = kind == 0 ? static_cast<char>('a' + below(26)) : static_cast<char>(below(256));
  }
  return text;
}

struct RandomHistory::Places {
  std::map<Key, std::uint32_t> namespaces, programs, processes, sockets;
};

RandomHistory::RandomHistory(std::uint64_t seed) : dice_(seed) {
  now_.wall.microseconds = 1'795'404'600'000'000;
  for (int count = 0; count < 5; ++count) {
    add_program();
  }
  boot();
}

template <class Map>
typename Map::iterator RandomHistory::pick(Map& map) {
  return std::next(map.begin(), static_cast<std::ptrdiff_t>(dice_.below(map.size())));
}

void RandomHistory::boot() {
  processes_.clear();
  sockets_.clear();
  holders_.clear();
  descriptors_.clear();
  mappings_.clear();
  gaps_.clear();
  namespaces_.clear();
  context_.boot_id =
      "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + dice_.below(1'000'000));
  context_.host_name = dice_.bytes(20);
  context_.machine_id = dice_.one_in(3) ? std::string() : std::string(32, 'a');
  context_.kernel = dice_.bytes(40);
  context_.recorder_version = "0.1." + std::to_string(dice_.below(4));
  context_.ephemeral_first = schema::Port(dice_.bits16());
  context_.ephemeral_last = schema::Port(dice_.bits16());
  context_.recorder_uid = schema::Uid(dice_.bits32());
  context_.recorder_capabilities = dice_.bits64();
  context_.package_database_mtime_ns = static_cast<std::int64_t>(dice_.bits64());
  context_.unprivileged_first = schema::Port(dice_.bits16());
  context_.preload_file = dice_.one_in(3) ? std::string() : dice_.bytes(40);
  now_.since_boot.nanoseconds = 1;
  now_.monotonic_ns = 1;
  next_pid_ = 1;
  next_cookie_ = 1;  // numbers of the boot before come back
  next_inode_ = 1;
  add_netns();
  for (std::size_t count = 0; count < kFewProcesses; ++count) {
    add_process();
  }
  for (std::size_t count = 0; count < kFewSockets; ++count) {
    add_socket();
  }
}

void RandomHistory::pass_time() {
  const std::int64_t step_us = 60'000'000 + static_cast<std::int64_t>(dice_.below(1000));
  now_.wall.microseconds += step_us;
  now_.since_boot.nanoseconds += step_us * 1000;
  now_.monotonic_ns += step_us * 1000;
  if (dice_.one_in(40)) {
    now_.wall.microseconds -= static_cast<std::int64_t>(dice_.below(7'200'000'000));
  }
  if (dice_.one_in(40)) {
    now_.since_boot.nanoseconds += 3'600'000'000'000;  // suspended
  }
}

void RandomHistory::add_netns() {
  namespaces_[next_key_++] = {schema::Inode(4'026'531'840 + next_key_),
                              namespaces_.empty() ? "host" : "netns " + dice_.bytes(12)};
}

void RandomHistory::add_program() {
  schema::Program program;
  program.path = "/usr/bin/" + dice_.bytes(12);
  program.device = schema::Device(dice_.bits64());
  program.inode = schema::Inode(dice_.one_in(4) ? 77 : dice_.bits64());
  program.size = dice_.bits64();
  program.mtime_ns = static_cast<std::int64_t>(dice_.bits64());
  program.ctime_ns = static_cast<std::int64_t>(dice_.bits64());
  program.state = static_cast<schema::FileState>(1 + dice_.below(5));
  if (dice_.one_in(2)) {
    program.sha256.assign(32, '\0');
    for (char& byte : program.sha256) {
      byte = static_cast<char>(dice_.below(256));
    }
  }
  program.verdict = static_cast<schema::PackageVerdict>(1 + dice_.below(6));
  program.package = dice_.bytes(6);
  program.package_version = dice_.bytes(6);
  programs_[next_key_++] = std::move(program);
}

schema::Process RandomHistory::make_process() {
  schema::Process process;
  process.pid = schema::Pid(dice_.one_in(60) && next_pid_ > 1
                                ? std::numeric_limits<std::int32_t>::max() - next_pid_
                                : next_pid_);
  ++next_pid_;
  process.start.nanoseconds = now_.since_boot.nanoseconds / 10'000'000 * 10'000'000;
  if (!dice_.one_in(5)) {
    process.parent = schema::Pid(static_cast<std::int32_t>(1 + dice_.below(1000)));
  }
  process.name = dice_.bytes(15);
  process.script = dice_.one_in(4) ? dice_.bytes(20) : std::string();
  process.exec_mark = dice_.one_in(3) ? 0 : dice_.bits32() >> 1U;
  process.title = dice_.one_in(6) ? dice_.bytes(12) : std::string();
  if (!dice_.one_in(4)) {
    process.command_line = dice_.bytes(40);  // empty is not the same as none
  }
  if (!dice_.one_in(4)) {
    process.working_directory = dice_.bytes(20);
  }
  process.real_uid = schema::Uid(dice_.bits32());
  process.effective_uid = schema::Uid(dice_.bits32());
  if (process.effective_uid == schema::kNoUid) {
    process.effective_uid =
        schema::Uid(schema::kNoUid.value() - 1);  // nobody can have the last one
  }
  process.real_gid = schema::Gid(dice_.bits32());
  process.effective_gid = schema::Gid(dice_.bits32());
  if (dice_.one_in(2)) {
    process.login_uid = schema::Uid(dice_.bits32());
  }
  process.tty = dice_.bits32();
  process.process_group = schema::Pid(static_cast<std::int32_t>(dice_.below(1000)));
  process.session = schema::Pid(static_cast<std::int32_t>(dice_.below(1000)));
  process.cgroup = dice_.bytes(20);
  process.unit = dice_.bytes(8);
  process.container = dice_.bytes(8);
  // From what was drawn: the histories of a seed stay as they are.
  if (process.container.size() % 3 != 0) {
    process.container_facts = {
        schema::ContainerEngine{static_cast<std::uint8_t>(1 + process.unit.size() % 5)},
        process.container,
        process.unit,
        process.container.substr(1),
        process.cgroup.substr(0, 2),
        process.unit.substr(0, 1),
        process.title,
        process.script};
  }
  process.capabilities = dice_.bits64();
  if (dice_.one_in(8)) {
    process.tracer = schema::Pid(std::numeric_limits<std::int32_t>::max());
  }
  process.preload = dice_.one_in(4) ? "LD_PRELOAD=" + dice_.bytes(8) + '\0' : std::string();
  process.kernel_thread = dice_.one_in(8);
  process.zombie = dice_.one_in(8);
  process.recorder = dice_.one_in(8);
  process.covered = dice_.one_in(8);
  process.unlisted = dice_.one_in(8);
  process.masked = process.command_line && process.command_line->size() % 8 == 1;
  // Those that no answer compares: histories with the others are made by the tests that are about
  // them.
  for (const schema::Part part : {schema::Part::WorkingDirectory,
                                  schema::Part::LoginUser,
                                  schema::Part::Environment,
                                  schema::Part::Mappings}) {
    if (dice_.one_in(8)) {
      process.unread.insert(part);
    }
  }
  process.mount_namespace = schema::Inode(dice_.bits64());
  process.pid_namespace = schema::Inode(dice_.bits64());
  process.user_namespace = schema::Inode(dice_.bits64());
  return process;
}

std::optional<RandomHistory::Key> RandomHistory::maybe_program() {
  return dice_.one_in(3) ? std::nullopt : std::optional(pick(programs_)->first);
}

void RandomHistory::add_process() {
  const Key key = next_key_++;
  LiveProcess process{make_process(), std::nullopt, maybe_program(), maybe_program()};
  if (!dice_.one_in(6)) {
    process.netns = pick(namespaces_)->first;
  }
  processes_[key] = std::move(process);
  for (std::uint64_t count = dice_.below(4); count > 0; --count) {
    schema::Descriptor descriptor;
    descriptor.fd = schema::Fd(static_cast<std::int32_t>(dice_.bits32() & 0x7FFFFFFFU));
    descriptor.kind = static_cast<schema::DescriptorKind>(1 + dice_.below(9));
    descriptor.device = schema::Device(dice_.bits64());
    descriptor.inode = schema::Inode(dice_.bits64());
    descriptor.number = dice_.bits32();
    descriptor.target = dice_.bytes(12);
    descriptors_[next_key_++] = {key, descriptor};
  }
  if (dice_.one_in(3)) {
    mappings_.insert({key, pick(programs_)->first});
  }
}

schema::IpAddress RandomHistory::make_address(bool v6, bool any) {
  std::string bytes(v6 ? 16 : 4, '\0');
  for (std::size_t at = 0; at < bytes.size() && !any; ++at) {
    bytes[at] = static_cast<char>(dice_.bits16());
  }
  if (v6 && !any && dice_.one_in(4)) {
    bytes.replace(0, 12, std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12));  // a mapped address
  }
  return *schema::IpAddress::from_bytes(bytes);
}

schema::Socket RandomHistory::make_socket() {
  schema::Socket socket;
  socket.protocol = static_cast<Protocol>(1 + dice_.below(13));
  socket.type = dice_.one_of(std::vector<schema::SocketType>{schema::SocketType::Stream,
                                                             schema::SocketType::Dgram,
                                                             schema::SocketType::Raw,
                                                             schema::SocketType::Rdm,
                                                             schema::SocketType::SeqPacket,
                                                             schema::SocketType::Dccp,
                                                             schema::SocketType::Packet});
  socket.state = static_cast<SocketState>(1 + dice_.below(13));
  socket.family = family_of(socket.protocol);
  if (has_addresses(socket.protocol)) {
    const bool v6 = dice_.one_in(2);
    socket.family = v6 ? schema::Family::Ipv6 : schema::Family::Ipv4;
    socket.local_address = make_address(v6, dice_.one_in(3));
    socket.local_port = schema::Port(dice_.bits16());
    const bool peer = dice_.one_in(2);
    socket.remote_address = make_address(v6, !peer);
    socket.remote_port = schema::Port(peer ? dice_.bits16() : std::uint16_t{0});
  }
  // Unique while the boot lasts: from the bottom up, or from the top bit.
  const bool no_cookie = dice_.one_in(6);
  const std::uint64_t top = dice_.one_in(3) ? std::uint64_t{1} << 63U : 0;
  socket.cookie = schema::SocketCookie(no_cookie ? 0 : top | next_cookie_++);
  socket.inode = schema::Inode(dice_.one_in(6) && !no_cookie ? 0 : top | next_inode_++);
  if (!dice_.one_in(4)) {
    socket.uid = schema::Uid(dice_.bits32());
  }
  socket.no_holder = static_cast<schema::NoHolderReason>(dice_.below(8));
  if (dice_.one_in(2)) {
    return socket;  // no row of details unless the type is unusual
  }
  socket.backlog = dice_.bits32();
  socket.name = dice_.one_in(2) ? std::string(1, '\0') + dice_.bytes(12) : dice_.bytes(12);
  socket.remote_name = dice_.bytes(6);
  socket.peer = schema::Inode(dice_.bits64());
  socket.number = dice_.bits32();
  socket.port_id = dice_.bits32();
  socket.interface = schema::InterfaceIndex(dice_.bits32());
  socket.interface_name = dice_.bytes(6);
  socket.v6only = std::vector<std::optional<bool>>{std::nullopt, false, true}[dice_.below(3)];
  if (dice_.one_in(3)) {
    socket.filter_length = dice_.bits32();
    socket.filter_sha256.assign(32, static_cast<char>(dice_.below(256)));
  }
  socket.promiscuous = std::vector<std::optional<bool>>{std::nullopt, false, true}[dice_.below(3)];
  return socket;
}

void RandomHistory::add_socket() {
  const Key key = next_key_++;
  sockets_[key] = {make_socket(), pick(namespaces_)->first, key};
  for (std::uint64_t count = dice_.below(4); count > 0 && !processes_.empty(); --count) {
    holders_.insert(
        {key, pick(processes_)->first, static_cast<std::int32_t>(dice_.bits32() & 0x7FFFFFFFU)});
  }
}

void RandomHistory::add_gap() {
  schema::Gap gap;
  gap.source = static_cast<schema::GapSource>(1 + dice_.below(10));
  gap.reason = static_cast<schema::GapReason>(1 + dice_.below(9));
  if (dice_.one_in(2)) {
    gap.pid = schema::Pid(static_cast<std::int32_t>(1 + dice_.below(100)));
  }
  gap.object = schema::GapObject::of_text(dice_.bytes(12));
  gap.error_number = static_cast<int>(dice_.below(134));
  gap.count = dice_.bits32();
  gaps_[next_key_++] = {gap,
                        dice_.one_in(2) ? std::optional(pick(namespaces_)->first) : std::nullopt};
}

void RandomHistory::change_process() {
  LiveProcess& live = pick(processes_)->second;
  const schema::Process old = live.value;
  switch (dice_.below(4)) {
    case 0:  // exec
      live.program = maybe_program();
      live.value.name = dice_.bytes(15);
      break;
    case 1:
      live.value.command_line =
          dice_.one_in(3) ? std::nullopt : std::optional(dice_.bytes(dice_.one_in(3) ? 0 : 30));
      break;
    case 2:  // setns
      live.netns = dice_.one_in(4) ? std::nullopt : std::optional(pick(namespaces_)->first);
      break;
    default:
      live.value = make_process();
      live.value.pid = old.pid;
      live.value.start = old.start;
      --next_pid_;
  }
}

void RandomHistory::change_socket() {
  LiveSocket& live = pick(sockets_)->second;
  live.value.queues = {dice_.bits32(), dice_.bits32()};
  if (dice_.one_in(3)) {
    live.value.queues = {};
    return;
  }
  live.value.state = static_cast<SocketState>(1 + dice_.below(13));
  live.value.no_holder = static_cast<schema::NoHolderReason>(dice_.below(8));
  if (live.value.cookie != schema::SocketCookie() && dice_.one_in(3)) {
    const schema::Socket old = live.value;
    live.value = make_socket();
    live.value.cookie = old.cookie;  // connect() on it
    live.value.queues = old.queues;
  }
}

void RandomHistory::drop_process() {
  const Key key = pick(processes_)->first;
  processes_.erase(key);
  std::erase_if(holders_, [key](const auto& holder) { return std::get<1>(holder) == key; });
  std::erase_if(descriptors_, [key](const auto& entry) { return entry.second.first == key; });
  std::erase_if(mappings_, [key](const auto& mapping) { return mapping.first == key; });
}

void RandomHistory::drop_socket() {
  const Key key = pick(sockets_)->first;
  sockets_.erase(key);
  std::erase_if(holders_, [key](const auto& holder) { return std::get<0>(holder) == key; });
}

void RandomHistory::drop_netns() {
  const Key key = pick(namespaces_)->first;
  if (namespaces_.size() == 1) {
    return;
  }
  namespaces_.erase(key);
  for (auto& [process_key, process] : processes_) {
    if (process.netns == key) {
      process.netns.reset();
    }
  }
  for (auto& [socket_key, socket] : sockets_) {
    if (socket.netns == key) {
      socket.netns = pick(namespaces_)->first;  // moved, or read from elsewhere
      if (socket.value.cookie == schema::SocketCookie()) {
        socket.life = next_key_++;
      }
    }
  }
  std::erase_if(gaps_, [key](const auto& entry) { return entry.second.netns == key; });
}

void RandomHistory::move_holder() {
  if (holders_.empty() || processes_.empty()) {
    return;
  }
  auto at = std::next(holders_.begin(), static_cast<std::ptrdiff_t>(dice_.below(holders_.size())));
  const auto [socket, process, fd] = *at;
  holders_.erase(at);
  holders_.insert({socket, pick(processes_)->first, fd});
}

void RandomHistory::change_names() {
  const auto grow_or_clear = [this](auto& set, auto value) {
    if (dice_.one_in(6)) {
      set.clear();
    }
    set.insert(std::move(value));
  };
  grow_or_clear(users_, schema::UserName{schema::Uid(dice_.bits32()), dice_.bytes(8)});
  grow_or_clear(groups_, schema::GroupName{schema::Gid(dice_.bits32()), dice_.bytes(8)});
  grow_or_clear(
      registrations_,
      schema::RpcRegistration{
          dice_.bits32(), dice_.bits32(), dice_.bytes(4), dice_.bytes(12), dice_.bytes(5)});
}

void RandomHistory::happen() {
  switch (dice_.below(20)) {
    case 0:
    case 1:
      return add_process();
    case 2:
    case 3:
    case 4:
      return add_socket();
    case 5:
    case 6:
      return processes_.size() > kFewProcesses ? drop_process() : add_process();
    case 7:
    case 8:
    case 9:
      return sockets_.size() > kFewSockets ? drop_socket() : add_socket();
    case 10:
    case 11:
      return change_process();
    case 12:
    case 13:
      return change_socket();
    case 14:
      return move_holder();
    case 15:
      return change_names();
    case 16:
      return dice_.one_in(2) && !gaps_.empty() ? void(gaps_.erase(pick(gaps_))) : add_gap();
    case 17:
      return namespaces_.size() > 3 || dice_.one_in(4) ? drop_netns() : add_netns();
    case 18:
      pick(namespaces_)->second.label = "container " + dice_.bytes(10);
      return;
    default:
      return dice_.one_in(20) ? boot() : add_program();
  }
}

Observation RandomHistory::next() {
  for (std::uint64_t count = dice_.below(7); count > 0; --count) {
    happen();
  }
  sync_ = dice_.one_in(3) ? std::nullopt
                          : std::optional(schema::ClockSync{
                                dice_.one_in(2), static_cast<std::int64_t>(dice_.bits32()), 0});
  return unchanged();
}

Observation RandomHistory::unchanged() {
  pass_time();
  return look();
}

void RandomHistory::place_sockets(Places& places, Observation& seen) {
  std::vector<Key> order;
  for (const auto& [key, live] : sockets_) {
    order.push_back(key);
  }
  for (std::size_t at = order.size(); at > 1; --at) {
    std::swap(order[at - 1], order[dice_.below(at)]);  // the kernel promises no order
  }
  for (const Key key : order) {
    const LiveSocket& live = sockets_.at(key);
    places.sockets[key] = static_cast<std::uint32_t>(seen.snapshot.sockets.size());
    seen.snapshot.sockets.push_back(live.value);
    seen.snapshot.sockets.back().netns = schema::NetnsIndex(places.namespaces.at(live.netns));
    seen.lives.push_back(live.life);
  }
}

Observation RandomHistory::look() {
  Observation seen;
  schema::Snapshot& snapshot = seen.snapshot;
  snapshot.begin = now_;
  snapshot.end = now_;
  snapshot.end.wall.microseconds += static_cast<std::int64_t>(dice_.below(9000)) - 1000;
  snapshot.end.since_boot.nanoseconds += static_cast<std::int64_t>(dice_.below(9'000'000));
  snapshot.end.monotonic_ns += static_cast<std::int64_t>(dice_.below(9'000'000));
  snapshot.clock_sync = sync_;
  snapshot.context = context_;
  snapshot.cost = {static_cast<std::int64_t>(dice_.below(20'000)), 7'000, 9'000};
  Places places;
  const auto place = [](auto& at, Key key, auto& vector, const auto& value) -> auto& {
    at[key] = static_cast<std::uint32_t>(vector.size());
    vector.push_back(value);
    return vector.back();
  };
  for (const auto& [key, netns] : namespaces_) {
    place(places.namespaces, key, snapshot.namespaces, netns);
  }
  for (const auto& [key, program] : programs_) {
    place(places.programs, key, snapshot.programs, program);
  }
  for (const auto& [key, live] : processes_) {
    auto& process = place(places.processes, key, snapshot.processes, live.value);
    if (live.netns) {
      process.netns = schema::NetnsIndex(places.namespaces.at(*live.netns));
    }
    if (live.program) {
      process.program = schema::ProgramIndex(places.programs.at(*live.program));
    }
    if (live.script_file) {
      process.script_file = schema::ProgramIndex(places.programs.at(*live.script_file));
    }
  }
  place_sockets(places, seen);
  for (const auto& [socket, process, fd] : holders_) {
    snapshot.holders.push_back({schema::SocketIndex(places.sockets.at(socket)),
                                schema::ProcessIndex(places.processes.at(process)),
                                schema::Fd(fd)});
  }
  for (const auto& [key, entry] : descriptors_) {
    snapshot.descriptors.push_back(entry.second);
    snapshot.descriptors.back().process = schema::ProcessIndex(places.processes.at(entry.first));
  }
  for (const auto& [process, program] : mappings_) {
    snapshot.mappings.push_back({schema::ProcessIndex(places.processes.at(process)),
                                 schema::ProgramIndex(places.programs.at(program))});
  }
  for (const auto& [key, live] : gaps_) {
    snapshot.gaps.push_back(live.value);
    if (live.netns) {
      snapshot.gaps.back().netns = schema::NetnsIndex(places.namespaces.at(*live.netns));
    }
  }
  snapshot.users.assign(users_.begin(), users_.end());
  snapshot.groups.assign(groups_.begin(), groups_.end());
  snapshot.registrations.assign(registrations_.begin(), registrations_.end());
  return seen;
}

}  // namespace sockwitness::test
