// A made-up quarter of a web server, hour by hour: what a report has to show, with exact times.
//
// In:    make_quarter FILE [SERVICES CHANGES]: a file that does not exist yet; how many more
// services
//        there are, and how many more changes they make.
// Out:   the database, as the recorder would have written it.
// Never: changes with the machine or the day.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "recorder/write/baseline_writer.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/disk/database.h"
#include "schema/view/services.h"

namespace {

using namespace sockwitness;
using schema::Protocol;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kBegin = 1'782'864'000'000'000;  // 2026-07-01T00:00:00Z
constexpr int kHours = 92 * 24;

struct Hours {
  int first = 0;
  int last = kHours;  // the first hour in which it is gone

  [[nodiscard]] bool contains(int hour) const { return first <= hour && hour < last; }
};

// The kernel's table of UDP sockets could not be read.
constexpr Hours kNoUdp{1000, 1003};

struct Script {
  Protocol protocol = Protocol::Tcp;
  std::vector<std::string> addresses;
  std::uint16_t port = 0;
  std::string name;
  std::string program;
  std::string package;
  std::uint32_t uid = 0;
  std::string unit;
  std::vector<Hours> open{Hours{}};
  std::string script;
};

const std::vector<std::string> kAny{"0.0.0.0", "::"};
const std::vector<std::string> kLoopback{"127.0.0.1"};

std::vector<Script> quarter() {
  return {
      {Protocol::Tcp,
       kAny,
       22,
       "sshd",
       "/usr/sbin/sshd",
       "openssh-server",
       0,
       "ssh.service",
       {{}},
       ""},
      {Protocol::Tcp, kAny, 80, "nginx", "/usr/sbin/nginx", "nginx", 0, "nginx.service", {{}}, ""},
      {Protocol::Tcp, kAny, 443, "nginx", "/usr/sbin/nginx", "nginx", 0, "nginx.service", {{}}, ""},
      {Protocol::Tcp,
       kLoopback,
       5432,
       "postgres",
       "/usr/lib/postgresql/15/bin/postgres",
       "postgresql-15",
       105,
       "postgresql@15-main.service",
       {{0, 1500}, {1560, kHours}},
       ""},
      {Protocol::Tcp,
       kLoopback,
       6379,
       "redis-server",
       "/usr/bin/redis-check-rdb",
       "redis-tools",
       106,
       "redis-server.service",
       {{}},
       ""},
      {Protocol::Tcp,
       {"10.8.0.2"},
       6379,
       "redis-server",
       "/usr/bin/redis-check-rdb",
       "redis-tools",
       106,
       "redis-server.service",
       {{1200, 1250}},
       ""},
      {Protocol::Tcp,
       kAny,
       9100,
       "prometheus-node",
       "/usr/bin/prometheus-node-exporter",
       "prometheus-node-exporter",
       107,
       "prometheus-node-exporter.service",
       {{}},
       ""},
      {Protocol::Tcp,
       {"0.0.0.0"},
       111,
       "rpcbind",
       "/usr/sbin/rpcbind",
       "rpcbind",
       108,
       "rpcbind.service",
       {{0, 960}},
       ""},
      {Protocol::Udp,
       {"0.0.0.0"},
       111,
       "rpcbind",
       "/usr/sbin/rpcbind",
       "rpcbind",
       108,
       "rpcbind.service",
       {{0, 960}},
       ""},
      {Protocol::Udp,
       kLoopback,
       323,
       "chronyd",
       "/usr/sbin/chronyd",
       "chrony",
       109,
       "chrony.service",
       {{}},
       ""},
      {Protocol::Tcp,
       kAny,
       8080,
       "java",
       "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
       "openjdk-17-jre-headless",
       1001,
       "shop.service",
       {{300, 1700}, {1712, kHours}},
       "/opt/shop/shop.jar"},
      {Protocol::Tcp,
       {"0.0.0.0"},
       8080,
       "nc.openbsd",
       "/usr/bin/nc.openbsd",
       "netcat-openbsd",
       0,
       "",
       {{1700, 1712}},
       ""},
      {Protocol::Tcp,
       {"0.0.0.0"},
       4444,
       "python3",
       "/usr/bin/python3.11",
       "python3.11-minimal",
       33,
       "nginx.service",
       {{1410, 1422}},
       "/tmp/.x/a.py"},
      {Protocol::Tcp,
       {"0.0.0.0"},
       23,
       "in.telnetd",
       "/usr/sbin/in.telnetd",
       "inetutils-telnetd",
       0,
       "inetd.service",
       {{400, 420}},
       ""},
      {Protocol::Tcp,
       kLoopback,
       3000,
       "node",
       "/usr/bin/node",
       "nodejs",
       1000,
       "session-7.scope",
       {{200, 230}, {520, 545}, {830, 861}, {1100, 1109}, {1890, 1930}},
       "/home/alice/app/dev.js"},
      {Protocol::Tcp,
       {"0.0.0.0"},
       6666,
       "\"><img src=x>\n",
       "/opt/<script>alert(1)</script>/\x1b[31mx\xff",
       "",
       33,
       "",
       {{1800, 1810}},
       ""},
  };
}

// Each opens and closes so often that all of them together make about `changes`.
std::vector<Script> crowd(int services, int changes) {
  std::vector<Script> scripts;
  const int times = std::max(1, changes / std::max(1, services) / 2);
  const int step = (kHours - 40) / (times + 1);
  for (int at = 0; at < services; ++at) {
    Script script;
    script.addresses = {"0.0.0.0"};
    script.port = static_cast<std::uint16_t>(10'000 + at);
    script.name = fmt::format("worker-{}", at % 40);
    script.program = fmt::format("/opt/platform/{}/bin/worker", at % 40);
    script.uid = 1002;
    script.unit = fmt::format("worker-{}.service", at);
    script.open.clear();
    for (int time = 0; time < times; ++time) {
      const int first = time * step + 1 + at % std::max(1, step / 3);
      script.open.push_back({first, first + step / 2 + at % 7});
    }
    scripts.push_back(std::move(script));
  }
  return scripts;
}

class Host {
 public:
  explicit Host(std::vector<Script> scripts) : scripts_(std::move(scripts)) {}

  // Nothing: the host was off, or the recorder failed.
  [[nodiscard]] static bool is_recorded(int hour) {
    return !Hours{700, 712}.contains(hour) && !Hours{1300, 1306}.contains(hour);
  }

  schema::Snapshot look(int hour) {
    schema::Snapshot snapshot;
    set_clock(hour, snapshot);
    snapshot.users = {{schema::Uid(0), "root"},
                      {schema::Uid(33), "www-data"},
                      {schema::Uid(105), "postgres"},
                      {schema::Uid(106), "redis"},
                      {schema::Uid(107), "prometheus"},
                      {schema::Uid(108), "_rpc"},
                      {schema::Uid(109), "_chrony"},
                      {schema::Uid(1000), "alice"},
                      {schema::Uid(1001), "shop"},
                      {schema::Uid(1002), "worker"}};
    snapshot.namespaces = {{schema::Inode(4026531840), "host"}};
    for (std::size_t at = 0; at < scripts_.size(); ++at) {
      for (std::size_t span = 0; span < scripts_[at].open.size(); ++span) {
        const bool hidden = scripts_[at].protocol == Protocol::Udp && kNoUdp.contains(hour);
        if (!hidden && scripts_[at].open[span].contains(hour)) {
          add(at, span, hour, snapshot);
        }
      }
    }
    if (kNoUdp.contains(hour)) {
      schema::Gap gap;
      gap.source = schema::GapSource::SocketTable;
      gap.reason = schema::GapReason::Interrupted;
      gap.object = schema::Protocol::Udp;
      gap.netns = schema::NetnsIndex(0);
      snapshot.gaps.push_back(gap);
    }
    return snapshot;
  }

 private:
  // Three boots: one after the host was off, one at hour 1600.
  [[nodiscard]] static int boot_of(int hour) { return hour < 712 ? 0 : hour < 1600 ? 1 : 2; }

  static void set_clock(int hour, schema::Snapshot& snapshot) {
    constexpr int kBooted[] = {-100, 711, 1599};
    const int boot = boot_of(hour);
    const schema::WallTime wall{kBegin + hour * kHourUs};
    const std::int64_t up = std::int64_t{hour - kBooted[boot]} * kHourUs * 1000;
    snapshot.begin = {wall, {up}, up};
    snapshot.end = {{wall.microseconds + 12'000}, {up + 12'000'000}, up + 12'000'000};
    snapshot.clock_sync = schema::ClockSync{hour % 500 != 499, 1200, 80};
    snapshot.context.boot_id = fmt::format("0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f{}", boot);
    snapshot.context.host_name = "web07.example.org";
    snapshot.context.machine_id = "8f14e45fceea167a5a36dedd4bea2543";
    snapshot.context.kernel = "6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1";
    snapshot.context.recorder_version = "0.1.0";
    snapshot.context.every_us = kHourUs;
    snapshot.cost = {12'000, 9'000, 6'000};
  }

  void add(std::size_t at, std::size_t span, int hour, schema::Snapshot& snapshot) const {
    const Script& script = scripts_[at];
    const int boot = boot_of(hour);
    const auto pid = static_cast<std::int32_t>(500 + at * 8 + span + std::size_t(boot) * 20'000);
    const schema::ProcessIndex process(static_cast<std::uint32_t>(snapshot.processes.size()));
    schema::Process added;
    added.pid = schema::Pid(pid);
    added.parent = schema::Pid(1);
    added.name = script.name.substr(0, 15);
    added.start = {std::int64_t{pid % 20'000} * 10'000'000};
    added.command_line =
        script.program + '\0' + (script.script.empty() ? "" : script.script + '\0');
    added.script = script.script;
    added.real_uid = added.effective_uid = schema::Uid(script.uid);
    added.unit = script.unit;
    added.netns = schema::NetnsIndex(0);
    added.program = add_program(script, hour, snapshot);
    snapshot.processes.push_back(added);
    for (const std::string& address : script.addresses) {
      schema::Socket socket;
      socket.protocol = script.protocol;
      socket.local_address = *schema::IpAddress::parse(address);
      const bool v6 = socket.local_address.is_v6();
      socket.family = v6 ? schema::Family::Ipv6 : schema::Family::Ipv4;
      socket.remote_address = v6 ? schema::IpAddress::any_v6() : schema::IpAddress();
      socket.local_port = schema::Port(script.port);
      const bool stream = script.protocol == Protocol::Tcp;
      socket.type = stream ? schema::SocketType::Stream : schema::SocketType::Dgram;
      socket.state = stream ? schema::SocketState::Listen : schema::SocketState::Unconnected;
      socket.backlog = stream ? 511 : 0;
      socket.v6only = v6 ? std::optional(true) : std::nullopt;
      socket.uid = schema::Uid(script.uid);
      const std::uint64_t id = std::uint64_t(pid) * 4 + (v6 ? 1 : 0);
      socket.inode = schema::Inode(id);
      socket.cookie = schema::SocketCookie(id);
      const schema::SocketIndex index(static_cast<std::uint32_t>(snapshot.sockets.size()));
      snapshot.sockets.push_back(socket);
      snapshot.holders.push_back({index, process, schema::Fd(v6 ? 4 : 3)});
    }
  }

  // nginx is upgraded in hour 900.
  static schema::ProgramIndex add_program(const Script& script,
                                          int hour,
                                          schema::Snapshot& snapshot) {
    schema::Program program;
    program.path = script.program;
    program.inode = schema::Inode(std::hash<std::string>{}(script.program) % 1'000'000 + 1);
    const bool upgraded = script.name == "nginx" && hour >= 900;
    program.sha256 = std::string(31, static_cast<char>(script.port % 251)) + (upgraded ? "b" : "a");
    program.sha256[0] = static_cast<char>(script.program.size());
    if (script.name == "nginx") {
      program.sha256 = std::string(31, 'n') + (upgraded ? "b" : "a");
      program.inode = schema::Inode(upgraded ? 4711 : 4710);
    }
    program.verdict =
        script.package.empty() ? schema::PackageVerdict::NotOwned : schema::PackageVerdict::Matches;
    program.package = script.package;
    program.package_version = script.package.empty() ? ""
                              : upgraded             ? "1.22.1-9+deb12u2"
                                                     : "1.22.1-9";
    const auto known = std::find(snapshot.programs.begin(), snapshot.programs.end(), program);
    const auto place = known - snapshot.programs.begin();
    if (known == snapshot.programs.end()) {
      snapshot.programs.push_back(program);
    }
    return schema::ProgramIndex(static_cast<std::uint32_t>(place));
  }

  std::vector<Script> scripts_;
};

// What listened in the first days is what is expected.
void add_baseline(schema::Database& database, const schema::Snapshot& snapshot) {
  const std::vector<schema::Persistence> stays(snapshot.sockets.size(),
                                               schema::Persistence::Lasting);
  schema::Baseline baseline;
  baseline.set = schema::collect_services(schema::SnapshotView(snapshot), stays);
  baseline.info.name = "gold";
  baseline.info.first = baseline.info.last = schema::Seq(97);
  baseline.info.snapshots = 1;
  baseline.info.began = baseline.info.ended = snapshot.begin.wall;
  baseline.info.host_name = snapshot.context.host_name;
  baseline.info.author = {schema::Uid(0), "root", "alice"};
  baseline.info.note = "after the audit";
  for (schema::Service& service : baseline.set.services) {
    service.share = schema::Share{schema::Seq(97), schema::Seq(97), 1};
  }
  static_cast<void>(recorder::write_baseline(
      database, std::move(baseline), {snapshot.begin.wall.microseconds + 60'000'000}));
}

void write_quarter(const std::string& path, std::vector<Script> scripts) {
  auto database = schema::Database::open_for_append(path);
  Host host(std::move(scripts));
  schema::LoadedSnapshot previous;
  std::vector<schema::MissedRun> missed;
  for (int hour = 0; hour < kHours; ++hour) {
    if (!Host::is_recorded(hour)) {
      if (hour == 1301) {
        missed.push_back({{kBegin + hour * kHourUs},
                          schema::MissedKind::Failed,
                          5,
                          "No space left on device",
                          std::nullopt});
      }
      continue;
    }
    const schema::Snapshot snapshot = host.look(hour);
    auto written = recorder::write_snapshot(database, snapshot, previous, missed);
    missed.clear();
    previous = recorder::as_previous(snapshot, std::move(written));
    if (hour == 96) {
      add_baseline(database, snapshot);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const auto number = [&](std::size_t at) {
    return at < arguments.size() ? schema::parse_number<int>(arguments[at]).value_or(0) : 0;
  };
  if (arguments.size() < 2 || std::filesystem::exists(arguments[1])) {
    fmt::print(stderr, "usage: make_quarter NEW-FILE [SERVICES CHANGES]\n");
    return 2;
  }
  try {
    std::vector<Script> scripts = quarter();
    const auto more = crowd(number(2), number(3));
    scripts.insert(scripts.end(), more.begin(), more.end());
    write_quarter(arguments[1], std::move(scripts));
    return 0;
  } catch (const schema::Error& failure) {
    fmt::print(stderr, "make_quarter: {}\n", failure.message());
    return 3;
  }
}
