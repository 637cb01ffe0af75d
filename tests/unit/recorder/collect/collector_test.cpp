#include "recorder/collect/collector.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using schema::Inode;
using schema::NoHolderReason;
using schema::Pid;

// One small host: what each source says is set by the test.
class FakeHost : public SocketSource, public NetnsSource, public HostSource, public Clock {
 public:
  SocketReading read_sockets(const NetnsHandle& netns) override {
    ++dumps[netns.inode.value()];
    const bool again = dumps[netns.inode.value()] > 1;
    return again && sockets_later.contains(netns.inode.value()) ? sockets_later[netns.inode.value()]
                                                                : sockets[netns.inode.value()];
  }
  std::optional<NetnsHandle> find_own() override { return own; }
  NetnsReading list_namespaces() override { return namespaces; }
  Result<NetnsHandle> open_descriptor(Pid, schema::Fd) override {
    if (behind_descriptor == 0) {
      return SysError{EACCES, "opening", "ns"};
    }
    NetnsHandle handle;
    handle.inode = Inode(behind_descriptor);
    return handle;
  }
  Result<NetnsHandle> open_thread(Pid thread) override { return open_descriptor(thread, {}); }
  Result<DescribedSocket> describe_socket(Pid, schema::Fd) override {
    if (!described) {
      return SysError{EPERM, "asking", "socket"};
    }
    return *described;
  }
  schema::Context read_context(std::vector<Gap>&) override { return context; }
  std::optional<schema::ClockSync> read_clock_sync(std::vector<Gap>& gaps) override {
    gaps.push_back({GapSource::Clock, GapReason::Permission, {}, {}, {}});
    return std::nullopt;
  }
  std::vector<schema::UserName> read_users(std::vector<Gap>&) override {
    return {{schema::Uid(0), "root"}, {schema::Uid(33), "www"}, {schema::Uid(500), "nobody here"}};
  }
  std::vector<schema::GroupName> read_groups(std::vector<Gap>&) override {
    return {{schema::Gid(0), "root"}, {schema::Gid(9), "nobody here"}};
  }
  std::vector<schema::RpcRegistration> read_registrations(std::vector<Gap>&) override { return {}; }
  schema::ClockReading now() override {
    ++time.wall.microseconds;
    return time;
  }

  std::map<std::uint64_t, SocketReading> sockets, sockets_later;
  std::map<std::uint64_t, int> dumps;
  std::optional<NetnsHandle> own;
  NetnsReading namespaces;
  std::uint64_t behind_descriptor = 0;
  std::optional<DescribedSocket> described;
  schema::Context context;
  schema::ClockReading time;
};

class FakeProcesses : public ProcessSource {
 public:
  ProcessList list_processes() override {
    ++lists;
    ProcessList list;
    list.gaps = gaps;
    for (const auto& [pid, reading] : processes) {
      if ((lists > 1 || pid != late) && hidden.count(pid) == 0) {
        list.pids.emplace_back(pid);
      }
    }
    return list;
  }
  std::vector<schema::Pid> list_members(const std::vector<std::string>& cgroups) const override {
    std::vector<schema::Pid> members;
    for (const auto& [pid, reading] : processes) {
      if (std::find(cgroups.begin(), cgroups.end(), reading.process.cgroup) != cgroups.end()) {
        members.emplace_back(pid);
      }
    }
    return members;
  }
  Result<ProcessReading> read_process(const ProcessRequest& request,
                                      std::atomic<ProcessStep>&) const override {
    if (request.pid == refused) {
      return SysError{refusal, "opening", ""};
    }
    const auto found = processes.find(request.pid.value());
    if (found == processes.end()) {
      return SysError{ESRCH, "opening", ""};
    }
    ProcessReading reading = found->second;
    reading.deep = request.known == nullptr || !request.known->costly || request.deep;
    return reading;
  }

  std::map<std::int32_t, ProcessReading> processes;
  std::vector<Gap> gaps;
  std::int32_t late = 0;          // started after the first list
  std::set<std::int32_t> hidden;  // in no list but that of their control group
  schema::Pid refused{-1};
  int refusal = EACCES;
  int lists = 0;
};

struct Fixture {
  Fixture() {
    NetnsHandle handle;
    handle.inode = Inode(1000);
    handle.host = true;
    host.namespaces.namespaces.push_back(handle);
    host.context.boot_id = "boot-a";
    add_process(1, {}).process.recorder = true;
  }

  ProcessReading& add_process(std::int32_t pid, std::vector<std::uint64_t> inodes) {
    ProcessReading& reading = processes->processes[pid];
    reading.process.pid = Pid(pid);
    reading.netns = Inode(1000);
    reading.descriptors_readable = true;
    std::int32_t fd = 3;
    for (const std::uint64_t inode : inodes) {
      reading.sockets.emplace_back(schema::Fd(fd++), Inode(inode));
    }
    return reading;
  }
  void add_socket(std::uint64_t inode, std::uint64_t netns = 1000) {
    schema::Socket socket;
    socket.inode = Inode(inode);
    socket.cookie = schema::SocketCookie(inode + 50'000);
    socket.state = schema::SocketState::Listen;
    host.sockets[netns].sockets.push_back(socket);
  }
  schema::Snapshot look(const schema::Snapshot* previous = nullptr, bool deep = false) {
    processes->lists = 0;
    host.dumps.clear();
    Walker walker;
    Collector collector({host, host, host, host}, walker, "note");
    collector.begin();
    collector.read_tables();
    return collector.finish(processes, {previous, deep});
  }

  FakeHost host;
  std::shared_ptr<FakeProcesses> processes = std::make_shared<FakeProcesses>();
};

}  // namespace

TEST_CASE_METHOD(Fixture, "what the sources say is joined into one snapshot") {
  add_socket(7);
  add_process(20, {7}).process.real_uid = schema::Uid(33);
  add_process(21, {7});
  const auto snapshot = look();
  CHECK(snapshot.note == "note");
  CHECK(snapshot.begin.wall < snapshot.end.wall);
  REQUIRE(snapshot.processes.size() == 3);
  CHECK(snapshot.processes[0].recorder);
  CHECK_FALSE(snapshot.processes[1].recorder);
  CHECK(snapshot.holders.size() == 2);
  CHECK(snapshot.sockets.at(0).no_holder == NoHolderReason::None);
  CHECK(snapshot.namespaces.at(0).label == "host");
  CHECK(snapshot.processes[1].netns == schema::NetnsIndex(0));
  CHECK(snapshot.users.size() == 2);
  CHECK(snapshot.groups.size() == 1);
  REQUIRE(snapshot.gaps.size() == 1);
  CHECK(snapshot.gaps[0].source == GapSource::Clock);
  CHECK_FALSE(snapshot.deep_seq);
}

TEST_CASE_METHOD(Fixture, "gaps of a namespace's tables belong to that namespace") {
  NetnsHandle other;
  other.inode = Inode(2000);
  host.namespaces.namespaces.push_back(other);
  host.sockets[2000].gaps.push_back(
      {GapSource::SocketTable, GapReason::Interrupted, {}, {}, schema::Protocol::Tcp});
  const auto snapshot = look();
  bool found = false;
  for (const Gap& gap : snapshot.gaps) {
    if (gap.source == GapSource::SocketTable) {
      found = true;
      CHECK(gap.netns == schema::NetnsIndex(1));
    }
  }
  CHECK(found);
}

TEST_CASE_METHOD(Fixture,
                 "the holder of an unheld socket may have started after the list was read") {
  add_socket(7);
  add_process(30, {7});
  processes->late = 30;
  const auto snapshot = look();
  CHECK(snapshot.holders.size() == 1);
  CHECK(snapshot.sockets.at(0).no_holder == NoHolderReason::None);
}

TEST_CASE_METHOD(Fixture, "an unheld socket is the kernel's only if it is still there") {
  add_socket(7);
  add_socket(8);
  host.sockets_later[1000] = host.sockets[1000];
  host.sockets_later[1000].sockets.pop_back();
  const auto snapshot = look();
  CHECK(snapshot.sockets.at(0).no_holder == NoHolderReason::Kernel);
  CHECK(snapshot.sockets.at(1).no_holder == NoHolderReason::Exited);
}

TEST_CASE_METHOD(Fixture, "a socket known as the kernel's is not looked at twice, on one boot") {
  add_socket(7);
  const auto first = look();
  CHECK(host.dumps[1000] == 2);
  CHECK(look(&first).sockets.at(0).no_holder == NoHolderReason::Kernel);
  CHECK(host.dumps[1000] == 1);
  host.context.boot_id = "boot-b";  // the same cookie is another socket
  look(&first);
  CHECK(host.dumps[1000] == 2);
}

// A table of /proc/net gives no cookies: one socket of the kernel there stood for all of them.
TEST_CASE_METHOD(Fixture, "a socket without a cookie is always looked at twice") {
  add_socket(7);
  host.sockets[1000].sockets[0].cookie = schema::SocketCookie();
  const auto first = look();
  look(&first);
  CHECK(host.dumps[1000] == 2);
}

TEST_CASE_METHOD(Fixture, "the recorder's own namespace is read once, listed or not") {
  add_socket(7);
  add_process(20, {7});
  host.own = host.namespaces.namespaces.front();
  SECTION("listed") {
  }
  SECTION("not listed") {
    host.namespaces.namespaces.clear();
  }
  const auto snapshot = look();
  CHECK(host.dumps[1000] == 1);
  CHECK(snapshot.namespaces.size() == 1);
  CHECK(snapshot.sockets.size() == 1);
  CHECK(snapshot.processes.at(1).netns == schema::NetnsIndex(0));
}

TEST_CASE_METHOD(Fixture, "where descriptors cannot be read nothing is called the kernel's") {
  add_socket(7);
  ProcessReading& reading = add_process(20, {});
  reading.descriptors_readable = false;
  reading.gaps.push_back({GapSource::ProcessField,
                          GapReason::Permission,
                          {},
                          Pid(20),
                          schema::GapPart::Descriptors,
                          EACCES});
  CHECK(look().sockets.at(0).no_holder == NoHolderReason::Permission);
  reading.descriptors_readable = true;
  reading.gaps.clear();
  processes->gaps.push_back(
      {GapSource::ProcessList, GapReason::NotSupported, {}, {}, schema::GapPart::PidNamespace});
  CHECK(look().sockets.at(0).no_holder == NoHolderReason::OtherPidNamespace);
}

TEST_CASE_METHOD(Fixture, "a namespace that only a descriptor keeps alive is looked into") {
  add_process(20, {99}).netns_descriptors.emplace_back(schema::Fd(9), Inode(3000));
  add_socket(99, 3000);
  SECTION("when it can be opened") {
    host.behind_descriptor = 3000;
    const auto snapshot = look();
    CHECK(snapshot.namespaces.size() == 2);
    CHECK(snapshot.holders.size() == 1);
    CHECK(snapshot.sockets.at(0).netns == schema::NetnsIndex(1));
  }
  SECTION("when it cannot, that is a gap") {
    const auto snapshot = look();
    CHECK(snapshot.namespaces.size() == 1);
    bool namespace_gap = false;
    bool socket_gap = false;
    for (const Gap& gap : snapshot.gaps) {
      namespace_gap |= gap.source == GapSource::Namespace && gap.reason == GapReason::Permission;
      socket_gap |=
          gap.source == GapSource::Descriptors && gap.object == schema::GapPart::UnlistedSocket;
    }
    CHECK(namespace_gap);
    CHECK(socket_gap);
  }
}

TEST_CASE_METHOD(Fixture, "a socket that is in no table is described by its descriptor") {
  add_process(20, {55});
  DescribedSocket described;
  described.socket.inode = Inode(55);
  described.socket.state = schema::SocketState::Unbound;
  described.netns.inode = Inode(1000);
  host.described = described;
  const auto snapshot = look();
  REQUIRE(snapshot.sockets.size() == 1);
  CHECK(snapshot.holders.size() == 1);
  described.socket.inode = Inode(56);  // the descriptor leads elsewhere by now
  host.described = described;
  CHECK(look().sockets.empty());
}

TEST_CASE_METHOD(Fixture, "who is older than the pass, named by others and not listed, is hidden") {
  constexpr std::int64_t kSecond = 1'000'000'000;
  host.time.since_boot.nanoseconds = 1000 * kSecond;
  const auto add = [&](std::int32_t pid, std::int64_t seconds) -> schema::Process& {
    schema::Process& process = add_process(pid, {}).process;
    process.start.nanoseconds = seconds * kSecond;
    process.cgroup = "/system.slice/a.service";
    return process;
  };
  add(7, 5);
  const auto unlisted = [&] {
    std::vector<std::int32_t> pids;
    for (const schema::Process& process : look().processes) {
      if (process.unlisted) {
        pids.push_back(process.pid.value());
      }
    }
    return pids;
  };
  CHECK(unlisted().empty());
  SECTION("by its control group") {
    add(8, 6);
    processes->hidden = {8};
    CHECK(unlisted() == std::vector<std::int32_t>{8});
  }
  SECTION("by its child") {
    add(8, 6).cgroup = "/elsewhere";
    processes->processes[7].process.parent = Pid(8);
    processes->hidden = {8};
    CHECK(unlisted() == std::vector<std::int32_t>{8});
  }
  SECTION("started meanwhile: it is taken in, and not hidden") {
    add(8, 1000);
    processes->hidden = {8};
    CHECK(unlisted().empty());
    CHECK(look().processes.size() == 3);
  }
  SECTION("a leader that ended") {
    processes->processes[7].process.session = Pid(6);
    CHECK(unlisted().empty());
    CHECK(look().processes.size() == 2);
  }
}

TEST_CASE_METHOD(Fixture, "a process that is there and cannot be read is a gap") {
  add_process(7, {});
  processes->refused = Pid(7);
  const auto snapshot = look();
  const auto refused = std::find_if(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Process;
  });
  REQUIRE(refused != snapshot.gaps.end());
  CHECK(refused->reason == GapReason::Permission);
  CHECK(refused->pid == Pid(7));
}

TEST_CASE_METHOD(Fixture, "costly facts of an unchanged process are kept from before") {
  ProcessReading& reading = add_process(20, {});
  reading.process.script = "/opt/app.py";
  reading.process.preload = "LD_PRELOAD=x";
  schema::Program library;
  library.path = "/opt/lib.so";
  reading.foreign_mappings = {library};
  auto first = look();
  REQUIRE(first.mappings.size() == 1);
  first.seq = first.deep_seq = schema::Seq(4);
  reading.process.script.clear();  // a shallow reading does not say
  reading.process.preload.clear();
  reading.foreign_mappings.clear();
  const auto kept = look(&first);
  CHECK(kept.processes.at(1).script == "/opt/app.py");
  CHECK(kept.processes.at(1).preload == "LD_PRELOAD=x");
  CHECK(kept.mappings.size() == 1);
  CHECK(kept.deep_seq == schema::Seq(4));
  const auto anew = look(&first, true);
  CHECK(anew.processes.at(1).script.empty());
  CHECK(anew.mappings.empty());
  CHECK_FALSE(anew.deep_seq);
  host.context.boot_id = "boot-b";
  CHECK(look(&first).processes.at(1).script.empty());
}

TEST_CASE_METHOD(Fixture, "what could not be read is a reason of its own") {
  add_socket(7);
  ProcessReading& reading = add_process(20, {});
  const auto reason = [&] { return look().sockets.at(0).no_holder; };
  SECTION("the list of processes") {
    processes->gaps.push_back(
        {GapSource::ProcessList, GapReason::Failed, {}, {}, schema::GapPart::Processes});
  }
  SECTION("a process that changed while it was read") {
    reading.gaps.push_back({GapSource::Process, GapReason::Raced, {}, Pid(20), {}});
    reading.descriptors_readable = false;
    processes->gaps.push_back(
        {GapSource::ProcessList, GapReason::NotSupported, {}, {}, schema::GapPart::PidNamespace});
  }
  SECTION("descriptors, and not for want of permission") {
    reading.gaps.push_back({GapSource::ProcessField,
                            GapReason::Failed,
                            {},
                            Pid(20),
                            schema::GapPart::Descriptors,
                            EIO});
    reading.descriptors_readable = false;
  }
  SECTION("a process that is listed and said to be gone") {
    processes->refused = Pid(20);
    processes->refusal = ESRCH;
  }
  CHECK(reason() == NoHolderReason::Unread);
}

TEST_CASE_METHOD(Fixture, "descriptors that were not read may keep namespaces that nobody shows") {
  using Reasons = std::vector<std::pair<GapReason, std::string>>;
  const auto kept = [](const schema::Snapshot& snapshot) {
    Reasons reasons;
    for (const Gap& gap : snapshot.gaps) {
      if (gap.source == GapSource::Namespace && !gap.netns && gap.count == 1) {
        reasons.emplace_back(gap.reason, gap.object.text());
      }
    }
    return reasons;
  };
  const auto add = [this](int pid, GapReason reason, int number) {
    add_process(pid, {}).gaps.push_back(
        {GapSource::ProcessField, reason, {}, Pid(pid), schema::GapPart::Descriptors, number});
  };
  add(19, GapReason::Vanished, ENOENT);
  CHECK(kept(look()).empty());
  add(20, GapReason::Failed, EIO);
  add(21, GapReason::Failed, EIO);
  CHECK(kept(look()) == Reasons{{GapReason::Failed, "descriptors"}});
  add(30, GapReason::Permission, EACCES);
  add(31, GapReason::Permission, EACCES);
  CHECK(kept(look()) ==
        Reasons{{GapReason::Permission, "descriptors"}, {GapReason::Failed, "descriptors"}});
}

TEST_CASE_METHOD(Fixture, "who is said to be gone and is still listed is a gap") {
  add_process(20, {});
  processes->refused = Pid(20);
  processes->refusal = ENOENT;
  const auto snapshot = look();
  const auto gap = std::find_if(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& each) {
    return each.source == GapSource::Process;
  });
  REQUIRE(gap != snapshot.gaps.end());
  CHECK(gap->pid == Pid(20));
  CHECK(gap->reason == GapReason::Vanished);
}

TEST_CASE_METHOD(Fixture, "a second look that fails does not say that a socket was closed") {
  add_socket(7);
  host.sockets_later[1000].gaps = {
      {GapSource::SocketTable, GapReason::Failed, {}, {}, schema::Protocol::Tcp, EIO}};
  const auto snapshot = look();
  CHECK(snapshot.sockets.at(0).no_holder == NoHolderReason::Unread);
  CHECK(std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Descriptors && gap.error_number == EIO;
  }));
}

TEST_CASE_METHOD(Fixture, "a label that rests on what could not be read is the one from before") {
  NetnsHandle other;
  other.inode = Inode(2000);
  host.namespaces.namespaces.push_back(other);
  ProcessReading& reading = add_process(20, {});
  reading.netns = Inode(2000);
  reading.process.container = "shop";
  const auto first = look();
  CHECK(first.namespaces.at(1).label == "container shop");
  reading.process.container.clear();
  reading.process.unread.insert(schema::Part::ControlGroup);
  CHECK(look(&first).namespaces.at(1).label == "container shop");
  CHECK(look().namespaces.at(1).label == "netns 2000");
  reading.process.unread = {};
  CHECK(look(&first).namespaces.at(1).label == "netns 2000");
}

TEST_CASE_METHOD(Fixture, "a socket from a table without cookies keeps the one that it had") {
  add_socket(7);
  add_process(20, {7});
  const auto first = look();
  host.sockets[1000].sockets[0].cookie = schema::SocketCookie();
  CHECK(look(&first).sockets.at(0).cookie == first.sockets.at(0).cookie);
  CHECK(look().sockets.at(0).cookie == schema::SocketCookie());
}

TEST_CASE_METHOD(Fixture, "a connection that nobody accepted keeps its cookie by its ends") {
  add_socket(0);
  schema::Socket& socket = host.sockets[1000].sockets[0];
  socket.state = schema::SocketState::Established;
  socket.local_port = schema::Port(80);
  socket.remote_port = schema::Port(40000);
  add_process(20, {});
  const auto first = look();
  REQUIRE(first.sockets.at(0).cookie != schema::SocketCookie());
  socket.cookie = {};
  CHECK(look(&first).sockets.at(0).cookie == first.sockets.at(0).cookie);
  socket.remote_port = schema::Port(40001);
  CHECK(look(&first).sockets.at(0).cookie == schema::SocketCookie());
}

TEST_CASE_METHOD(Fixture, "a namespace that only a process shows is looked into") {
  add_process(20, {99}).netns = Inode(3000);
  add_socket(99, 3000);
  host.behind_descriptor = 3000;
  const auto snapshot = look();
  REQUIRE(snapshot.namespaces.size() == 2);
  CHECK(snapshot.processes.at(1).netns == schema::NetnsIndex(1));
  CHECK(snapshot.holders.size() == 1);
}

TEST_CASE_METHOD(Fixture, "where a process lives that nobody could read, sockets may be") {
  ProcessReading& reading = add_process(20, {});
  reading.netns = Inode();
  reading.process.unread.insert(schema::Part::Namespaces);
  const auto snapshot = look();
  CHECK(std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Namespace && !gap.netns;
  }));
}

TEST_CASE_METHOD(Fixture, "an rpcbind that listens and does not answer is a gap") {
  host.own = host.namespaces.namespaces.front();
  add_socket(7);
  host.sockets[1000].sockets[0].name = "/run/rpcbind.sock";
  add_process(20, {7});
  const auto snapshot = look();
  CHECK(std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Registrations;
  }));
}

TEST_CASE_METHOD(Fixture, "a process with a part that could not be read is not taken from before") {
  ProcessReading& reading = add_process(20, {});
  reading.process.unread.insert(schema::Part::Mappings);
  const auto first = look();
  reading.process.unread = {};
  reading.process.script = "/opt/app.py";
  CHECK(look(&first).processes.at(1).script == "/opt/app.py");
}

}  // namespace sockwitness::recorder
