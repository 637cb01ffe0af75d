#include "tests/bench/simulated_host.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sockwitness::bench {
namespace {

using schema::Fd;
using schema::Inode;
using schema::IpAddress;
using schema::NoHolderReason;
using schema::Port;
using schema::ProcessIndex;
using schema::Protocol;
using schema::SocketIndex;
using schema::SocketState;
using schema::Uid;

constexpr std::int64_t kForever = INT64_MAX;
constexpr std::size_t kNoDaemon = SIZE_MAX;
constexpr std::int64_t kFirstInstant = 1'735'689'600'000'000;  // 2025-01-01T00:00:00Z
constexpr std::uint32_t kDaemons = 24;
constexpr std::uint32_t kKernelThreads = 90;
constexpr std::uint32_t kSixth = 15;  // per cent of the connections

template <class T, class Keep>
void renumber(std::vector<T>& values, std::vector<std::uint32_t>& places, Keep keep) {
  places.assign(values.size(), UINT32_MAX);
  std::uint32_t next = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (keep(at)) {
      if (next != at) {
        values[next] = std::move(values[at]);
      }
      places[at] = next++;
    }
  }
  values.resize(next);
}

}  // namespace

SimulatedHost::SimulatedHost(std::uint64_t seed, Pace pace) : pace_(pace), random_(seed) {
  for (std::uint32_t number = 0; number < kDaemons; ++number) {
    daemons_.push_back({fmt::format("service{:02}", number), number % 4 == 0 ? 8U : 1U});
  }
  schema::Context& context = snapshot_.context;
  context.host_name = "web1.example.org";
  context.machine_id = "0123456789abcdef0123456789abcdef";
  context.kernel = "6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)";
  context.recorder_version = "1.0.0";
  context.recorder_capabilities = 0x1FFFFFFFFFFU;
  boot();
}

void SimulatedHost::advance() {
  ++turn_;
  if (turn_ % pace_.reboot_every == 0) {
    boot();
  } else if (turn_ % pace_.restart_every == 0) {
    restart_some_daemons();
  }
  linger();
  drop_ended();
  inode_ += 20'000 + below(20'000);
  pid_ = (pid_ + static_cast<std::int32_t>(below(900))) % 4'000'000;
  run_commands();
  open_connections();
  fill_queues();

  const std::int64_t into = turn_ * pace_.interval_s * 1'000'000 + below(40'000);
  snapshot_.begin.wall.microseconds = kFirstInstant + into;
  snapshot_.begin.since_boot.nanoseconds =
      into * 1'000 - booted_at_ * pace_.interval_s * 1'000'000'000 + 30'000'000'000;
  snapshot_.begin.monotonic_ns = snapshot_.begin.since_boot.nanoseconds;
  const std::int64_t took_us = 20'000 + below(15'000);
  snapshot_.end = snapshot_.begin;
  snapshot_.end.wall.microseconds += took_us;
  snapshot_.end.since_boot.nanoseconds += took_us * 1'000 + below(999);
  snapshot_.end.monotonic_ns += took_us * 1'000 + below(999);
  snapshot_.clock_sync = {true, 10'000 + below(40'000), below(200)};
  snapshot_.cost = {took_us + 4'000, took_us - 3'000, 14'000 + below(600)};
  snapshot_.deep_seq = schema::Seq(std::max<std::int64_t>(1, (turn_ / 12) * 12));
}

void SimulatedHost::boot() {
  booted_at_ = turn_;
  pid_ = 1;
  inode_ = 10'000;
  cookie_ = 0;
  snapshot_.context.boot_id =
      fmt::format("{:08x}-1111-4222-8333-{:012x}", random_() & 0xFFFFFFFFU, turn_ + 1);
  snapshot_.namespaces = {{Inode(4'026'531'840), "host"}};
  snapshot_.sockets.clear();
  snapshot_.processes.clear();
  snapshot_.programs.clear();
  snapshot_.holders.clear();
  snapshot_.descriptors.clear();
  socket_lives_.clear();
  process_ends_.clear();
  process_daemons_.clear();
  snapshot_.users = {{Uid(0), "root"}, {Uid(33), "www-data"}, {Uid(998), "service"}};
  snapshot_.groups = {{schema::Gid(0), "root"}, {schema::Gid(33), "www-data"}};
  snapshot_.registrations = {{100'000, 4, "tcp", "0.0.0.0.0.111", "superuser"}};
  snapshot_.gaps = {{schema::GapSource::Clock,
                     schema::GapReason::NotSupported,
                     {},
                     {},
                     schema::GapObject::of_text("rtc")}};
  start_kernel_threads();
  for (std::size_t number = 0; number < daemons_.size(); ++number) {
    start_daemon(number);
  }
}

void SimulatedHost::restart_some_daemons() {
  for (std::size_t turn = 0; turn < 6; ++turn) {
    const std::size_t number = below(kDaemons);
    for (std::size_t at = 0; at < process_ends_.size(); ++at) {
      if (process_daemons_[at] == number) {
        process_ends_[at] = turn_ - 1;
      }
    }
    drop_ended();
    start_daemon(number);
  }
}

void SimulatedHost::start_kernel_threads() {
  for (std::uint32_t number = 0; number < kKernelThreads; ++number) {
    schema::Process process;
    process.pid = schema::Pid(++pid_);
    process.start.nanoseconds = 10'000'000;
    process.parent = schema::Pid(2);
    process.name = fmt::format("kworker/{}:1H", number);
    process.kernel_thread = true;
    process.netns = schema::NetnsIndex(0);
    process.capabilities = 0x1FFFFFFFFFFU;
    process.mount_namespace = Inode(4'026'531'841);
    process.pid_namespace = Inode(4'026'531'836);
    process.user_namespace = Inode(4'026'531'837);
    add_process(std::move(process), kForever);
  }
}

void SimulatedHost::start_daemon(std::size_t number) {
  const Daemon& daemon = daemons_[number];
  const std::string path = "/usr/sbin/" + daemon.name;
  const std::string unit = daemon.name + ".service";
  const ProcessIndex master = add_process(
      make_process(path, fmt::format("--config /etc/{}.conf", daemon.name), unit), kForever);
  process_daemons_.back() = number;
  open_listeners(number, master);
  open_local_sockets(master);
  for (std::uint32_t worker = 0; worker < daemon.workers; ++worker) {
    schema::Process process = make_process(path, "--worker", unit);
    process.parent = snapshot_.processes[master.value()].pid;
    process.real_uid = process.effective_uid = Uid(33);
    process.capabilities = 0;
    const ProcessIndex index = add_process(std::move(process), kForever);
    process_daemons_.back() = number;
    open_local_sockets(index);
  }
}

// Two or three of each daemon: about sixty in all.
void SimulatedHost::open_listeners(std::size_t number, ProcessIndex master) {
  for (std::uint32_t at = 0; at < 2 + number % 2; ++at) {
    schema::Socket socket;
    socket.protocol = at == 2 ? Protocol::Udp : Protocol::Tcp;
    socket.type = at == 2 ? schema::SocketType::Dgram : schema::SocketType::Stream;
    socket.state = at == 2 ? SocketState::Unconnected : SocketState::Listen;
    socket.family = at == 1 ? schema::Family::Ipv6 : schema::Family::Ipv4;
    if (at == 1) {
      socket.local_address = socket.remote_address = IpAddress::any_v6();
      socket.v6only = true;
    }
    socket.local_port = Port(static_cast<std::uint16_t>(number == 0 ? 443 : 8'000 + number));
    socket.backlog = at == 2 ? 0 : 511;
    socket.uid = Uid(0);
    socket.inode = Inode(next_inode());
    hold(add_socket(std::move(socket), kForever, false), master);
  }
}

// What every daemon has: a connected unix socket to the journal, and two descriptors for output.
void SimulatedHost::open_local_sockets(ProcessIndex process) {
  schema::Socket socket;
  socket.protocol = Protocol::Unix;
  socket.family = schema::Family::Unix;
  socket.state = SocketState::Established;
  socket.inode = Inode(next_inode());
  socket.peer = Inode(next_inode());
  hold(add_socket(std::move(socket), kForever, false), process);
}

void SimulatedHost::open_connections() {
  std::vector<ProcessIndex> workers;
  for (std::uint32_t at = 0; at < process_daemons_.size(); ++at) {
    if (process_daemons_[at] != kNoDaemon) {
      workers.emplace_back(at);
    }
  }
  for (std::uint32_t count = 0; count < pace_.connections; ++count) {
    const bool v6 = below(100) < kSixth;
    const bool inbound = below(100) < 60;
    schema::Socket socket;
    socket.state = SocketState::Established;
    socket.family = v6 ? schema::Family::Ipv6 : schema::Family::Ipv4;
    socket.local_address = *IpAddress::parse(v6 ? "2001:db8:17:2::10" : "192.0.2.10");
    const Port ephemeral(static_cast<std::uint16_t>(32'768 + below(28'232)));
    socket.local_port = inbound ? Port(443) : ephemeral;
    socket.remote_port =
        inbound ? Port(static_cast<std::uint16_t>(1'024 + below(64'000))) : Port(5'432);
    socket.remote_address =
        inbound ? peer(v6) : *IpAddress::parse(v6 ? "2001:db8:17:3::5" : "192.0.2.35");
    socket.uid = Uid(33);
    socket.inode = Inode(next_inode());
    const std::int64_t life = below(100) < 92 ? 0 : 1 + below(60);
    hold(add_socket(std::move(socket), turn_ + life, true),
         workers[below(static_cast<std::uint32_t>(workers.size()))]);
  }
}

// Some of the connections that end stay for another snapshot without a holder.
void SimulatedHost::linger() {
  for (std::size_t at = 0; at < socket_lives_.size(); ++at) {
    schema::Socket& socket = snapshot_.sockets[at];
    if (socket_lives_[at].connection && socket_lives_[at].ends < turn_ &&
        socket.state == SocketState::Established && below(100) < 8) {
      socket.state = SocketState::TimeWait;
      socket.inode = Inode();
      socket.uid = Uid(0);
      socket.no_holder = NoHolderReason::TimeWait;
      socket_lives_[at].ends = turn_;
      std::erase_if(snapshot_.holders,
                    [&](const schema::Holder& holder) { return holder.socket.value() == at; });
    }
  }
}

void SimulatedHost::run_commands() {
  static const std::array<const char*, 5> kPaths{
      "/usr/bin/dash", "/usr/bin/python3.11", "/usr/bin/find", "/usr/bin/gzip", "/usr/bin/psql"};
  const std::uint32_t count = pace_.commands == 0 ? 0 : pace_.commands - 1 + below(3);
  for (std::uint32_t at = 0; at < count; ++at) {
    const bool unique = below(2) == 0;
    std::string arguments =
        unique ? fmt::format(
                     "/srv/jobs/run --since {} --batch {:08x} --quiet", turn_, random_() >> 32U)
               : fmt::format("/srv/jobs/run --shard {}", below(64));
    const bool login = below(10) == 0;
    schema::Process process =
        make_process(kPaths[below(kPaths.size())], std::move(arguments), "cron.service");
    if (login) {
      process.login_uid = Uid(1000);
      process.unit = fmt::format("session-{}.scope", turn_);
      process.cgroup = "/user.slice/user-1000.slice/" + process.unit;
    }
    add_process(std::move(process), turn_);
  }
}

void SimulatedHost::drop_ended() {
  std::vector<std::uint32_t> processes;
  std::vector<std::uint32_t> sockets;
  const auto lives = [this](std::size_t at) { return process_ends_[at] >= turn_; };
  renumber(snapshot_.processes, processes, lives);
  renumber(process_daemons_, processes, lives);
  const auto ends = process_ends_;
  renumber(process_ends_, processes, [&](std::size_t at) { return ends[at] >= turn_; });

  // A process takes its sockets with it.
  for (const schema::Holder& holder : snapshot_.holders) {
    if (processes[holder.process.value()] == UINT32_MAX) {
      socket_lives_[holder.socket.value()].ends = turn_ - 1;
    }
  }
  renumber(
      snapshot_.sockets, sockets, [&](std::size_t at) { return socket_lives_[at].ends >= turn_; });
  std::erase_if(socket_lives_, [this](const Life& life) { return life.ends < turn_; });
  std::erase_if(snapshot_.holders, [&](schema::Holder& holder) {
    holder.socket = SocketIndex(sockets[holder.socket.value()]);
    holder.process = ProcessIndex(processes[holder.process.value()]);
    return holder.socket.value() == UINT32_MAX || holder.process.value() == UINT32_MAX;
  });
  std::erase_if(snapshot_.descriptors, [&](schema::Descriptor& descriptor) {
    descriptor.process = ProcessIndex(processes[descriptor.process.value()]);
    return descriptor.process.value() == UINT32_MAX;
  });
}

void SimulatedHost::fill_queues() {
  for (schema::Socket& socket : snapshot_.sockets) {
    const bool busy = socket.state == SocketState::Established && below(100) < 2;
    socket.queues =
        busy ? schema::Queues{below(3) == 0 ? below(9'000) : 0, below(70'000)} : schema::Queues{};
  }
}

ProcessIndex SimulatedHost::add_process(schema::Process process, std::int64_t ends) {
  const ProcessIndex index(static_cast<std::uint32_t>(snapshot_.processes.size()));
  if (!process.kernel_thread) {
    snapshot_.descriptors.push_back({index, Fd(0), schema::DescriptorKind::Null, {}, {}, 0, ""});
    for (const int fd : {1, 2}) {
      snapshot_.descriptors.push_back({index,
                                       Fd(fd),
                                       schema::DescriptorKind::Pipe,
                                       {},
                                       Inode(fd == 1 ? next_inode() : inode_),
                                       0,
                                       ""});
    }
  }
  snapshot_.processes.push_back(std::move(process));
  process_ends_.push_back(ends);
  process_daemons_.push_back(kNoDaemon);
  return index;
}

SocketIndex SimulatedHost::add_socket(schema::Socket socket, std::int64_t ends, bool connection) {
  const SocketIndex index(static_cast<std::uint32_t>(snapshot_.sockets.size()));
  socket.cookie = schema::SocketCookie(next_cookie());
  snapshot_.sockets.push_back(std::move(socket));
  socket_lives_.push_back({ends, connection});
  return index;
}

void SimulatedHost::hold(SocketIndex socket, ProcessIndex process) {
  snapshot_.holders.push_back({socket, process, Fd(static_cast<std::int32_t>(3 + below(400)))});
}

schema::ProgramIndex SimulatedHost::program_of(const std::string& path) {
  for (std::uint32_t at = 0; at < snapshot_.programs.size(); ++at) {
    if (snapshot_.programs[at].path == path) {
      return schema::ProgramIndex(at);
    }
  }
  schema::Program program;
  program.path = path;
  program.device = schema::Device(65'025);
  program.inode = Inode(262'144 + std::hash<std::string>{}(path) % 100'000);
  program.size = 1'234'567;
  program.mtime_ns = program.ctime_ns = 1'700'000'000'123'456'789;
  program.sha256.assign(32, static_cast<char>(path.size()));
  program.verdict = schema::PackageVerdict::Matches;
  program.package = path.substr(path.rfind('/') + 1);
  program.package_version = "1.22.1-9+deb12u1";
  snapshot_.programs.push_back(std::move(program));
  return schema::ProgramIndex(static_cast<std::uint32_t>(snapshot_.programs.size() - 1));
}

schema::Process SimulatedHost::make_process(const std::string& path,
                                            std::string arguments,
                                            std::string unit) {
  schema::Process process;
  pid_ += 1 + static_cast<std::int32_t>(below(5));
  process.pid = schema::Pid(pid_);
  process.start.nanoseconds =
      ((turn_ - booted_at_) * pace_.interval_s * 100 + below(30'000)) * 10'000'000;
  process.parent = schema::Pid(1);
  process.name = path.substr(path.rfind('/') + 1).substr(0, 15);
  process.program = program_of(path);
  std::replace(arguments.begin(), arguments.end(), ' ', '\0');
  process.command_line = path + '\0' + arguments + '\0';
  process.working_directory = "/";
  process.process_group = process.session = process.pid;
  process.cgroup = "/system.slice/" + unit;
  process.unit = std::move(unit);
  process.capabilities = 0x1FFFFFFFFFFU;
  process.netns = schema::NetnsIndex(0);
  process.mount_namespace = Inode(4'026'531'841);
  process.pid_namespace = Inode(4'026'531'836);
  process.user_namespace = Inode(4'026'531'837);
  return process;
}

// A few peers come often, most hardly ever.
IpAddress SimulatedHost::peer(bool v6) {
  const std::uint32_t known = below(4) == 0 ? below(200) : below(4'000'000);
  const std::uint32_t spread = known * 2'654'435'761U;
  const auto byte = [spread](unsigned shift) { return static_cast<std::uint8_t>(spread >> shift); };
  if (!v6) {
    return IpAddress::v4(std::array<std::uint8_t, 4>{byte(24), byte(16), byte(8), byte(0)});
  }
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0D, 0xB8};
  for (std::size_t at = 4; at < bytes.size(); ++at) {
    bytes[at] = static_cast<std::uint8_t>(byte(8 * (at % 4)) ^ at);
  }
  return IpAddress::v6(bytes);
}

std::uint32_t SimulatedHost::below(std::uint32_t limit) {
  return static_cast<std::uint32_t>(random_() % limit);
}

}  // namespace sockwitness::bench
