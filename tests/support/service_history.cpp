#include "tests/support/service_history.h"

#include <algorithm>
#include <stdexcept>

namespace sockwitness::test {
namespace {

using schema::Family;
using schema::NoHolderReason;
using schema::Protocol;
using schema::SocketState;

constexpr std::size_t kFewServices = 9;
constexpr std::size_t kManyServices = 16;

struct ProgramSpec {
  const char* path;
  const char* name;
  bool packaged;
};
constexpr ProgramSpec kPrograms[] = {{"/usr/sbin/nginx", "nginx", true},
                                     {"/usr/bin/python3.11", "python3", true},
                                     {"/usr/bin/redis-server", "redis-server", true},
                                     {"/usr/lib/systemd/systemd", "systemd", true},
                                     {"/usr/bin/systemd-socket-activate", "activate", true},
                                     {"/sbin/rpc.statd", "rpc.statd", true},
                                     {"/usr/bin/dash", "sh", true},
                                     {"/tmp/x", "x", false}};
constexpr std::size_t kFirstScript = std::size(kPrograms);
constexpr ProgramSpec kScripts[] = {{"/opt/app.py", "", false}, {"/tmp/x.py", "", false}};
constexpr std::size_t kPython = 1;

bool is_datagram(Protocol protocol) {
  return protocol == Protocol::Udp || protocol == Protocol::UdpLite;
}

std::string universal_address(const schema::Socket& socket) {
  const unsigned port = socket.local_port.value();
  return socket.local_address.text() + "." + std::to_string(port >> 8U) + "." +
         std::to_string(port & 0xFFU);
}

// Other files have other contents.
std::string content_of(const schema::Program& program, char version) {
  constexpr std::size_t kBytes = 32;
  std::string digest = version + program.path;
  digest.resize(kBytes, version);
  return digest;
}

}  // namespace

ServiceHistory::ServiceHistory(std::uint64_t seed) : dice_(seed) {
  now_.wall.microseconds = 1'795'404'600'000'000;
  const auto add_program = [this](const ProgramSpec& spec) {
    schema::Program program;
    program.path = spec.path;
    program.inode = schema::Inode(100 + programs_.size());
    program.sha256 = content_of(program, '1');
    program.verdict =
        spec.packaged ? schema::PackageVerdict::Matches : schema::PackageVerdict::NotOwned;
    program.package = spec.packaged ? "package" : "";
    program.package_version = spec.packaged ? "1" : "";
    programs_.push_back(program);
  };
  std::for_each(std::begin(kPrograms), std::end(kPrograms), add_program);
  std::for_each(std::begin(kScripts), std::end(kScripts), add_program);
  context_.host_name = "made-up";
  context_.ephemeral_first = schema::Port(32768);
  context_.ephemeral_last = schema::Port(60999);
  boot();
}

void ServiceHistory::boot() {
  tasks_.clear();
  ends_.clear();
  namespaces_.clear();
  registrations_.clear();
  context_.boot_id =
      "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + dice_.below(1'000'000));
  now_.since_boot.nanoseconds = 60'000'000'000;
  now_.monotonic_ns = 60'000'000'000;
  next_pid_ = 100;
  next_cookie_ = 1;
  add_netns("host");
  add_netns(dice_.one_of<std::string>({"blue", "container aa", "netns 4026532001"}));
  while (ends_.size() < kFewServices) {
    open_service();
  }
}

void ServiceHistory::add_netns(std::string label) {
  const bool known = std::any_of(namespaces_.begin(), namespaces_.end(), [&](const auto& entry) {
    return entry.second.label == label;
  });
  if (!known) {
    const Key key = next_key_++;
    namespaces_[key] = {schema::Inode(4'026'531'840 + key), std::move(label)};
  }
}

// All that lived in it starts again in another one.
void ServiceHistory::renumber_netns() {
  for (auto& [key, netns] : namespaces_) {
    if (netns.label.starts_with("netns ")) {
      netns.inode = schema::Inode(4'026'532'100 + dice_.below(50));
      netns.label = "netns " + std::to_string(netns.inode.value());
      for (auto& [end_key, end] : ends_) {
        if (end.netns == key) {
          give_identity(end.value);
        }
      }
      return;
    }
  }
  add_netns("netns 4026532001");
}

void ServiceHistory::drop_netns() {
  if (namespaces_.size() < 3) {
    add_netns(dice_.one_of<std::string>({"blue", "green", "container aa", "container bb"}));
    return;
  }
  const auto last = std::prev(namespaces_.end());
  const Key key = last->first;
  std::erase_if(ends_, [key](const auto& entry) { return entry.second.netns == key; });
  for (auto& [task_key, task] : tasks_) {
    task.netns = task.netns == key ? namespaces_.begin()->first : task.netns;
  }
  namespaces_.erase(last);
}

ServiceHistory::Kind ServiceHistory::make_kind() {
  Kind kind;
  kind.program = dice_.below(std::size(kPrograms));
  kind.name = kPrograms[kind.program].name;
  if (kind.program == kPython && !dice_.one_in(3)) {
    kind.script = kFirstScript + dice_.below(std::size(kScripts));
  }
  kind.uid = schema::Uid(dice_.one_of<std::uint32_t>({0, 0, 33, 1000}));
  kind.unit = dice_.one_of<std::string>(
      {"", "", "nginx.service", "session-1.scope", "session-2.scope", "run-7.service"});
  kind.container = dice_.one_of<std::string>({"", "", "", "aa", "bb"});
  kind.command_line = dice_.one_of<std::string>({std::string("a\0", 2), std::string("b\0", 2)});
  return kind;
}

ServiceHistory::Key ServiceHistory::add_task(Kind kind,
                                             Key netns,
                                             std::optional<schema::Pid> parent) {
  const Key key = next_key_++;
  // Pids come back: the start tells two processes apart.
  const schema::Pid pid(dice_.one_in(8) ? 100 + static_cast<std::int32_t>(dice_.below(40))
                                        : next_pid_++);
  for (const auto& [other, task] : tasks_) {
    if (task.pid == pid) {
      return other;
    }
  }
  tasks_[key] = {std::move(kind), pid, now_.since_boot, parent, netns};
  return key;
}

void ServiceHistory::drop_task(Key task) {
  tasks_.erase(task);
  for (auto& [key, end] : ends_) {
    std::erase_if(end.holds, [task](const Hold& hold) { return hold.task == task; });
  }
  std::erase_if(ends_, [](const auto& entry) {
    return entry.second.holds.empty() && entry.second.value.no_holder == NoHolderReason::None;
  });
}

void ServiceHistory::give_identity(schema::Socket& socket) {
  socket.cookie = schema::SocketCookie(next_cookie_);
  socket.inode = schema::Inode(10'000 + next_cookie_);
  ++next_cookie_;
}

schema::Socket ServiceHistory::make_place(bool listener) {
  schema::Socket socket;
  give_identity(socket);
  socket.protocol = dice_.one_of<Protocol>({Protocol::Tcp,
                                            Protocol::Tcp,
                                            Protocol::Tcp,
                                            Protocol::Udp,
                                            Protocol::Udp,
                                            Protocol::UdpLite,
                                            Protocol::Unix});
  if (!listener) {
    socket.protocol = Protocol::Udp;
  }
  if (socket.protocol == Protocol::Unix) {
    socket.family = Family::Unix;
    socket.state = SocketState::Listen;
    socket.name = dice_.one_of<std::string>({"/run/a.sock",
                                             "/run/b.sock",
                                             "/tmp/c.sock",
                                             "/run/user/1000/d",
                                             std::string("\0abstract", 9)});
    return socket;
  }
  const auto address = dice_.one_of<std::string>({"127.0.0.1",
                                                  "127.0.0.1",
                                                  "0.0.0.0",
                                                  "0.0.0.0",
                                                  "10.0.0.5",
                                                  "10.0.0.6",
                                                  "::",
                                                  "::",
                                                  "::1",
                                                  "fd00::5",
                                                  "::ffff:127.0.0.1"});
  socket.local_address = *schema::IpAddress::parse(address);
  socket.family = socket.local_address.is_v6() ? Family::Ipv6 : Family::Ipv4;
  socket.remote_address =
      socket.local_address.is_v6() ? schema::IpAddress::any_v6() : schema::IpAddress();
  if (socket.local_address.is_v6()) {
    socket.v6only = dice_.one_of<std::optional<bool>>({std::nullopt, false, false, true, true});
  }
  const bool datagram = is_datagram(socket.protocol);
  socket.type = datagram ? schema::SocketType::Dgram : schema::SocketType::Stream;
  socket.state = datagram ? SocketState::Unconnected : SocketState::Listen;
  socket.local_port = schema::Port(
      listener
          ? dice_.one_of<std::uint16_t>({22, 53, 80, 80, 443, 8080, 8080, 5353, 40'000, 50'000})
          : dice_.one_of<std::uint16_t>({40'000, 40'001, 40'002, 50'000, 50'001, 5300, 53}));
  return socket;
}

void ServiceHistory::open_service() {
  const Key netns =
      dice_.one_in(4) ? std::prev(namespaces_.end())->first : namespaces_.begin()->first;
  const Key task = add_task(make_kind(), netns, schema::Pid(1));
  const std::uint64_t places = 1 + dice_.below(2);
  for (std::uint64_t count = 0; count < places; ++count) {
    const auto fd = static_cast<std::int32_t>(3 + dice_.below(3));
    ends_[next_key_++] = {make_place(true), netns, {{task, fd}}};
  }
}

// SO_REUSEPORT: another socket at the same place.
void ServiceHistory::open_group() {
  const End& end = ends_.at(pick_listener());
  End other = end;
  give_identity(other.value);
  if (!other.holds.empty() && dice_.one_in(2)) {
    const Task& first = tasks_.at(other.holds.begin()->task);
    const Kind kind = dice_.one_in(4) ? make_kind() : first.kind;
    other.holds = {{add_task(kind, end.netns, first.parent), 3}};
  }
  ends_[next_key_++] = std::move(other);
}

void ServiceHistory::open_client() {
  const Key netns = namespaces_.begin()->first;
  const Key task =
      tasks_.empty() || dice_.one_in(3)
          ? add_task(make_kind(), netns, schema::Pid(1))
          : std::next(tasks_.begin(), static_cast<std::ptrdiff_t>(dice_.below(tasks_.size())))
                ->first;
  End end{make_place(false), netns, {{task, 9}}};
  if (dice_.one_in(3)) {  // a connection, to whomever
    schema::Socket& socket = end.value;
    socket.protocol = dice_.one_in(2) ? Protocol::Tcp : Protocol::Udp;
    socket.state = SocketState::Established;
    socket.local_address = *schema::IpAddress::parse("127.0.0.1");
    socket.family = Family::Ipv4;
    socket.v6only.reset();
    socket.local_port =
        schema::Port(dice_.one_of<std::uint16_t>({80, 53, 40'100, 40'101, 1234, 50'000}));
    socket.remote_address =
        *schema::IpAddress::parse(dice_.one_of<std::string>({"127.0.0.1", "192.0.2.1"}));
    socket.remote_port =
        schema::Port(dice_.one_of<std::uint16_t>({80, 53, 443, 40'100, 40'101, 50'000}));
  }
  ends_[next_key_++] = std::move(end);
}

void ServiceHistory::open_kernel_port() {
  End end{make_place(true), namespaces_.begin()->first, {}};
  end.value.no_holder = NoHolderReason::Kernel;
  ends_[next_key_++] = std::move(end);
}

void ServiceHistory::close_something() {
  if (ends_.size() < kFewServices) {
    return open_service();
  }
  ends_.erase(std::next(ends_.begin(), static_cast<std::ptrdiff_t>(dice_.below(ends_.size()))));
}

// Another process of the same kind with new sockets at the same places; now and then elsewhere.
void ServiceHistory::start_anew() {
  const End& chosen = ends_.at(pick_listener());
  if (chosen.holds.empty()) {
    return;
  }
  const Key old = chosen.holds.begin()->task;
  const Task task = tasks_.at(old);
  const Key fresh = add_task(task.kind, task.netns, task.parent);
  if (fresh == old) {
    return;
  }
  for (auto& [key, end] : ends_) {
    if (std::any_of(end.holds.begin(), end.holds.end(), [&](const Hold& hold) {
          return hold.task == old;
        })) {
      give_identity(end.value);
      end.holds = {{fresh, 3}};
    }
  }
  drop_task(old);
}

void ServiceHistory::take_over() {
  End& end = ends_.at(pick_listener());
  Kind kind = make_kind();
  if (!end.holds.empty() && dice_.one_in(2)) {  // the same but for one thing
    const Kind other = kind;
    kind = tasks_.at(end.holds.begin()->task).kind;
    switch (dice_.below(4)) {
      case 0:
        kind.uid = other.uid;
        break;
      case 1:
        kind.unit = other.unit;
        break;
      case 2:
        kind.container = other.container;
        break;
      default:
        kind.script = other.script;
    }
  }
  give_identity(end.value);
  end.value.no_holder = NoHolderReason::None;
  end.holds = {{add_task(kind, end.netns, schema::Pid(1)), 3}};
}

void ServiceHistory::change_place() {
  const Key key = pick_listener();
  End& end = ends_.at(key);
  const schema::Socket old = end.value;
  switch (dice_.below(5)) {
    case 0:  // another port, or name
      if (old.family == Family::Unix) {
        end.value.name = dice_.one_of<std::string>({"/run/a.sock", "/run/b.sock", "/run/e.sock"});
        break;
      }
      end.value.local_port = schema::Port(
          dice_.one_of<std::uint16_t>({80, 443, 8080, 40'000, 40'001, 50'000, 50'001}));
      break;
    case 1:  // takes IPv4 as well, or no more
      end.value.v6only = old.v6only ? std::optional(!*old.v6only) : old.v6only;
      break;
    case 2:
      end.netns = std::prev(namespaces_.end())->first;
      break;
    default: {  // another address
      const schema::Socket other = make_place(true);
      if (other.family == Family::Unix || old.family == Family::Unix) {
        return;
      }
      end.value.local_address = other.local_address;
      end.value.family = other.family;
      end.value.v6only = other.v6only;
      end.value.remote_address = other.remote_address;
    }
  }
  give_identity(end.value);
}

void ServiceHistory::fork_holder() {
  End& end = ends_.at(pick_listener());
  if (end.holds.empty()) {
    return;
  }
  const Hold hold = *end.holds.begin();
  const Task task = tasks_.at(hold.task);
  Kind kind = task.kind;
  if (dice_.one_in(3)) {
    kind.uid = schema::Uid(dice_.one_of<std::uint32_t>({0, 33}));
  }
  end.holds.insert({add_task(kind, task.netns, task.pid), hold.fd});
}

// Which did not close what it inherited; or was given it at another number.
void ServiceHistory::start_child() {
  End& end = ends_.at(pick_listener());
  if (end.holds.empty()) {
    return;
  }
  const Hold hold = *std::prev(end.holds.end());
  const Task task = tasks_.at(hold.task);
  end.holds.insert(
      {add_task(make_kind(), task.netns, task.pid), dice_.one_in(4) ? hold.fd + 7 : hold.fd});
}

void ServiceHistory::pass_to_stranger() {
  End& end = ends_.at(pick_listener());
  if (!end.holds.empty()) {
    end.holds.insert({add_task(make_kind(), end.netns, schema::Pid(1)), 11});
  }
}

void ServiceHistory::lose_holder() {
  End& end = ends_.at(pick_listener());
  if (end.holds.size() > 1) {
    end.holds.erase(dice_.one_in(2) ? end.holds.begin() : std::prev(end.holds.end()));
  }
}

void ServiceHistory::upgrade() {
  schema::Program& program = programs_[dice_.below(programs_.size())];
  program.sha256 = content_of(program, static_cast<char>('1' + dice_.below(4)));
  program.inode = schema::Inode(1000 + dice_.below(1'000'000));
  if (!program.package.empty()) {
    program.package_version = program.sha256.substr(0, 1);
    program.verdict =
        dice_.one_in(3) ? schema::PackageVerdict::Differs : schema::PackageVerdict::Matches;
  }
}

void ServiceHistory::change_registration() {
  if (registrations_.size() > 3) {
    registrations_.erase(registrations_.begin());
  }
  const schema::Socket& socket = ends_.at(pick_listener()).value;
  if (socket.family == Family::Unix) {
    return;
  }
  std::string transport(schema::protocol_name(socket.protocol));
  transport += socket.family == Family::Ipv6 ? "6" : "";
  registrations_.insert({dice_.one_of<std::uint32_t>({100'024, 100'021, 400'000}),
                         1,
                         transport,
                         universal_address(socket),
                         "superuser"});
}

ServiceHistory::Key ServiceHistory::pick_listener() {
  for (int turn = 0; turn < 40; ++turn) {
    const auto at =
        std::next(ends_.begin(), static_cast<std::ptrdiff_t>(dice_.below(ends_.size())));
    if (at->second.value.state != SocketState::Established) {
      return at->first;
    }
  }
  throw std::logic_error("a made-up host without a listener");
}

void ServiceHistory::happen() {
  while (ends_.size() < 4) {
    open_service();
  }
  switch (dice_.below(24)) {
    case 0:
    case 1:
      return ends_.size() < kManyServices ? open_service() : close_something();
    case 2:
    case 3:
      return close_something();
    case 4:
      return open_group();
    case 5:
    case 6:
      return open_client();
    case 7:
      return open_kernel_port();
    case 8:
    case 9:
      return start_anew();
    case 10:
    case 11:
      return take_over();
    case 12:
    case 13:
    case 14:
      return change_place();
    case 15:
      return fork_holder();
    case 16:
      return start_child();
    case 17:
      return pass_to_stranger();
    case 18:
      return lose_holder();
    case 19:
      return upgrade();
    case 20:
      return change_registration();
    case 21:
      return renumber_netns();
    case 22:
      return drop_netns();
    default:
      return dice_.one_in(12) ? boot() : close_something();
  }
}

schema::Snapshot ServiceHistory::next() {
  for (std::uint64_t count = dice_.below(6); count > 0; --count) {
    happen();
  }
  now_.wall.microseconds += 60'000'000;
  now_.since_boot.nanoseconds += 60'000'000'000;
  now_.monotonic_ns += 60'000'000'000;
  return look(look_how());
}

}  // namespace sockwitness::test
