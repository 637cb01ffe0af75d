// Registers of made-up periods, with exact brackets: one set of services a snapshot.
#include "query/analysis/history/register.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace sockwitness {
namespace {

using namespace query;
using schema::Seq;
using schema::Service;
using schema::ServiceSet;

constexpr std::int64_t kMinuteUs = 60'000'000;

// "nginx", or "nginx#2" for the second process of that program; empty for nobody to be seen.
Service service_of(std::uint16_t port,
                   const std::string& address,
                   const std::string& program,
                   int instance = 1) {
  Service service;
  service.endpoint.netns = "host";
  service.endpoint.address = schema::IpAddress::parse(address).value();
  service.endpoint.family =
      service.endpoint.address.is_v6() ? schema::Family::Ipv6 : schema::Family::Ipv4;
  service.endpoint.port = schema::Port(port);
  if (program.empty()) {
    service.no_holder = schema::NoHolderReason::Permission;
    return service;
  }
  schema::Owner owner;
  owner.name = program;
  owner.program.emplace();
  owner.program->path = "/usr/sbin/" + program;
  owner.user = "www-data";
  owner.unit = program + ".service";
  owner.pid = schema::Pid(100 * instance);
  owner.started_at = schema::WallTime{instance * 100 * kMinuteUs};
  service.owners.push_back(owner);
  return service;
}

class Period {
 public:
  void snapshot(std::vector<Service> services, std::vector<schema::Gap> gaps = {}, int length = 1) {
    ServiceSet set;
    std::sort(services.begin(), services.end(), [](const auto& left, const auto& right) {
      return left.endpoint < right.endpoint;
    });
    set.services = std::move(services);
    set.namespaces = {{schema::Inode(1), "host"}};
    set.gaps = std::move(gaps);
    set.as_of = schema::WallTime{next_ * kMinuteUs};
    const Seq first(next_);
    next_ += length;
    builder_.add({first, Seq(next_ - 1)}, std::move(set));
  }
  Register finish() { return builder_.finish(); }

 private:
  RegisterBuilder builder_;
  std::int64_t next_ = 1;
};

schema::Gap tcp_gap() {
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = schema::Protocol::Tcp;
  return gap;
}

const Service kWeb = service_of(80, "0.0.0.0", "nginx");
const Service kShell = service_of(4444, "0.0.0.0", "nc");

}  // namespace

TEST_CASE("a service that comes and goes has exact brackets") {
  Period period;
  period.snapshot({kWeb}, {}, 10);         // 1 to 10
  period.snapshot({kWeb, kShell}, {}, 3);  // 11 to 13
  period.snapshot({kWeb}, {}, 5);          // 14 to 18
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 2);
  const RegisterEntry& web = found.entries[0];
  CHECK(web.key.owner.program == "/usr/sbin/nginx");
  CHECK(web.at_begin);
  CHECK(web.at_end);
  CHECK(web.snapshots == 18);
  REQUIRE(web.spans.size() == 1);
  CHECK_FALSE(web.spans[0].not_before);
  CHECK_FALSE(web.spans[0].not_after);
  const RegisterEntry& shell = found.entries[1];
  CHECK_FALSE(shell.at_begin);
  CHECK_FALSE(shell.at_end);
  CHECK(shell.snapshots == 3);
  REQUIRE(shell.spans.size() == 1);
  CHECK(shell.spans[0].not_before == Seq(10));
  CHECK(shell.spans[0].seen == schema::SeqRange{Seq(11), Seq(13)});
  CHECK(shell.spans[0].not_after == Seq(14));
  REQUIRE(found.changes.size() == 2);
  CHECK(found.changes[0].change.kind == ChangeKind::NewListener);
  CHECK(found.changes[0].before == Seq(10));
  CHECK(found.changes[0].after == Seq(11));
  CHECK(found.changes[0].entry == 1);
  CHECK(found.changes[1].change.kind == ChangeKind::VanishedService);
  CHECK(found.changes[1].before == Seq(13));
  CHECK(found.changes[1].after == Seq(14));
  CHECK(found.blind.empty());
}

TEST_CASE("what a gap covers is not gone") {
  Period period;
  period.snapshot({kWeb}, {}, 4);
  period.snapshot({}, {tcp_gap()}, 2);  // 5 and 6
  period.snapshot({kWeb}, {}, 4);
  const Register found = period.finish();
  CHECK(found.changes.empty());
  REQUIRE(found.entries.size() == 1);
  REQUIRE(found.entries[0].spans.size() == 1);
  CHECK(found.entries[0].spans[0].seen == schema::SeqRange{Seq(1), Seq(10)});
  REQUIRE(found.entries[0].spans[0].coverage_gaps.size() == 1);
  CHECK(found.entries[0].spans[0].coverage_gaps[0].snapshots == schema::SeqRange{Seq(5), Seq(6)});
  CHECK(found.entries[0].snapshots == 8);
  REQUIRE(found.blind.size() == 2);
  CHECK(found.blind[0].after == Seq(5));
  CHECK(found.blind[0].gap->object == schema::Protocol::Tcp);
}

TEST_CASE("a gap widens the bracket of what ends behind it") {
  Period period;
  period.snapshot({kWeb, kShell}, {}, 3);
  period.snapshot({}, {tcp_gap()}, 2);
  period.snapshot({kWeb});  // 6
  const Register found = period.finish();
  const Interval& span = found.entries[1].spans.at(0);
  CHECK(span.seen == schema::SeqRange{Seq(1), Seq(3)});
  CHECK(span.not_after == Seq(6));
  CHECK(span.coverage_gaps.size() == 1);
}

TEST_CASE("both address families of one owner are one service") {
  Period period;
  period.snapshot({kWeb, service_of(80, "::", "nginx")}, {}, 2);
  period.snapshot({kWeb});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 1);
  CHECK(found.entries[0].places.size() == 2);
  CHECK(found.entries[0].spans.size() == 1);
  CHECK(found.entries[0].snapshots == 3);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::ExposureNarrowed);
}

TEST_CASE("another owner is another service, at the same place") {
  Period period;
  period.snapshot({kWeb}, {}, 2);
  period.snapshot({service_of(80, "0.0.0.0", "nc")});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 2);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::OwnerChanged);
  CHECK(found.changes[0].change.severity == Severity::High);
  for (const RegisterEntry& entry : found.entries) {
    REQUIRE(entry.spans.size() == 1);
    const bool old = entry.at_begin;
    CHECK(entry.spans[0].not_after == (old ? std::optional(Seq(3)) : std::nullopt));
    CHECK(entry.spans[0].not_before == (old ? std::nullopt : std::optional(Seq(2))));
  }
}

TEST_CASE("a restart is no change") {
  Period period;
  period.snapshot({kWeb});
  period.snapshot({service_of(80, "0.0.0.0", "nginx", 2)});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 1);
  CHECK(found.entries[0].restarts == 1);
  CHECK(found.entries[0].spans.size() == 1);
  CHECK(found.changes.empty());
}

TEST_CASE("an owner out of sight is the one that was there") {
  Period period;
  period.snapshot({kWeb});
  period.snapshot({service_of(80, "0.0.0.0", "")});
  period.snapshot({kWeb});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 1);
  CHECK(found.entries[0].owner_unseen);
  CHECK(found.entries[0].spans.size() == 1);
  CHECK(found.entries[0].snapshots == 3);
  CHECK(found.changes.empty());
}

TEST_CASE("what comes back was there before; more than twice within a day it flaps") {
  Period period;
  for (int time = 0; time < 4; ++time) {
    period.snapshot({kWeb, kShell});
    period.snapshot({kWeb});
  }
  const Register found = period.finish();
  std::vector<ChangeKind> kinds;
  for (const RegisterChange& change : found.changes) {
    kinds.push_back(change.change.kind);
  }
  using enum ChangeKind;
  CHECK(kinds == std::vector{VanishedService,
                             Reopened,
                             VanishedService,
                             Reopened,
                             VanishedService,
                             Flapping,
                             VanishedService});
  CHECK(found.changes[1].change.severity == Severity::Medium);
  CHECK(found.entries[1].spans.size() == 4);
  for (const Interval& span : found.entries[1].spans) {
    CHECK(span.seen.first == span.seen.last);
    CHECK(span.not_after == Seq(span.seen.last.value() + 1));
  }
}

TEST_CASE("what comes back once a day does not flap, however often") {
  Period period;
  for (int time = 0; time < 6; ++time) {
    period.snapshot({kWeb, kShell});
    period.snapshot({kWeb}, {}, 24 * 60);
  }
  const Register found = period.finish();
  CHECK(std::count_if(found.changes.begin(), found.changes.end(), [](const auto& each) {
          return each.change.kind == ChangeKind::Reopened;
        }) == 5);
  CHECK(std::none_of(found.changes.begin(), found.changes.end(), [](const auto& each) {
    return each.change.kind == ChangeKind::Flapping;
  }));
}

TEST_CASE("what may be a client's port is not listed") {
  Service client = service_of(40000, "0.0.0.0", "dig");
  client.endpoint.protocol = schema::Protocol::Udp;
  client.standing = schema::Standing::Passing;
  Period period;
  period.snapshot({kWeb});
  period.snapshot({kWeb, client});
  period.snapshot({kWeb});
  const Register found = period.finish();
  CHECK(found.entries.size() == 1);
  CHECK(found.changes.empty());
}

TEST_CASE("a period of nothing") {
  Period period;
  period.snapshot({});
  const Register found = period.finish();
  CHECK(found.entries.empty());
  CHECK(found.changes.empty());
}

// A port that was changed while nobody could look has rows, and the bracket of the snapshots that
// looked.
TEST_CASE("what opens and closes across a blind snapshot is told with its true bracket") {
  Period period;
  period.snapshot({kWeb, kShell}, {}, 3);
  period.snapshot({}, {tcp_gap()}, 2);                                // 4 and 5
  period.snapshot({kWeb, service_of(5555, "0.0.0.0", "socat")}, {});  // 6
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 3);
  REQUIRE(found.changes.size() == 2);
  for (const RegisterChange& change : found.changes) {
    CHECK(change.before == Seq(3));
    CHECK(change.after == Seq(6));
  }
  CHECK(found.changes[0].change.kind == ChangeKind::NewListener);
  CHECK(found.changes[0].change.endpoint.port == schema::Port(5555));
  CHECK(found.changes[1].change.kind == ChangeKind::VanishedService);
  CHECK(found.changes[1].change.endpoint.port == schema::Port(4444));
  CHECK(found.entries[2].spans.at(0).not_before == Seq(3));
}

TEST_CASE("what was never looked for before did not open") {
  Period period;
  period.snapshot({}, {tcp_gap()});
  period.snapshot({kWeb});
  period.snapshot({kWeb, kShell}, {tcp_gap()});
  period.snapshot({kWeb, kShell});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.endpoint == kShell.endpoint);
  CHECK(found.changes[0].before == Seq(2));
  CHECK(found.changes[0].after == Seq(3));
}

TEST_CASE("another owner across a snapshot that saw none is told") {
  Period period;
  period.snapshot({kWeb, kShell}, {}, 2);
  period.snapshot({service_of(80, "0.0.0.0", ""), kShell});                    // 3
  period.snapshot({service_of(80, "0.0.0.0", ""), service_of(1, "::", "x")});  // 4
  period.snapshot({service_of(80, "0.0.0.0", "nc", 2)});                       // 5
  const Register found = period.finish();
  const auto change = std::find_if(found.changes.begin(), found.changes.end(), [](auto& each) {
    return each.change.kind == ChangeKind::OwnerChanged;
  });
  REQUIRE(change != found.changes.end());
  CHECK(change->change.severity == Severity::High);
  CHECK(change->before == Seq(2));
  CHECK(change->after == Seq(5));
  CHECK(std::count_if(found.changes.begin(), found.changes.end(), [](auto& each) {
          return each.change.endpoint == kWeb.endpoint;
        }) == 1);
}

TEST_CASE("another owner whose place was hidden is told; a restart there is counted") {
  Period period;
  period.snapshot({kWeb, kShell}, {}, 2);
  period.snapshot({}, {tcp_gap()});
  period.snapshot({service_of(80, "0.0.0.0", "nc", 2), service_of(4444, "0.0.0.0", "nc", 2)});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::OwnerChanged);
  CHECK(found.changes[0].before == Seq(2));
  const auto shell = std::find_if(found.entries.begin(), found.entries.end(), [](auto& entry) {
    return entry.key.port == schema::Port(4444);
  });
  REQUIRE(shell != found.entries.end());
  CHECK(shell->restarts == 1);
}

// The last snapshot that shows the old content counts, though its list of processes has a gap.
TEST_CASE("other content behind hidden owners has the shortest bracket") {
  Service old = kWeb;
  old.owners[0].program->sha256 = std::string(32, 'a');
  Service now = service_of(80, "0.0.0.0", "nginx", 2);
  now.owners[0].program->sha256 = std::string(32, 'b');
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessList;
  gap.reason = schema::GapReason::Permission;
  Period period;
  period.snapshot({old});
  period.snapshot({old}, {gap});                     // 2
  period.snapshot({service_of(80, "0.0.0.0", "")});  // 3
  period.snapshot({now});                            // 4
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::ProgramChanged);
  CHECK(found.changes[0].before == Seq(2));
  CHECK(found.changes[0].after == Seq(4));
}

TEST_CASE("an address that goes while hidden narrows the reach of the others") {
  Period period;
  period.snapshot({kWeb, service_of(80, "::", "nginx")}, {}, 2);
  period.snapshot({kWeb}, {tcp_gap()});
  period.snapshot({kWeb});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::ExposureNarrowed);
  CHECK(found.changes[0].before == Seq(2));
  CHECK(found.changes[0].after == Seq(4));
}

// The report was silent, for the other address was hidden; the timeline told it.
TEST_CASE("an address that comes while another is hidden widens the reach") {
  Period period;
  period.snapshot({service_of(80, "127.0.0.1", "nginx")}, {}, 2);
  period.snapshot({kWeb}, {tcp_gap()});
  period.snapshot({kWeb, service_of(80, "127.0.0.1", "nginx")});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::ExposureWidened);
  CHECK(found.changes[0].before == Seq(2));
  CHECK(found.changes[0].after == Seq(3));
}

// The owner's reach is the same: neither widened nor narrowed, and yet the address is free.
TEST_CASE("an address that goes beside the wildcard of its owner is told") {
  Period period;
  period.snapshot(
      {kWeb, service_of(80, "127.0.0.1", "nginx"), service_of(80, "127.0.0.2", "nginx")});
  period.snapshot(
      {kWeb, service_of(80, "127.0.0.1", "nginx"), service_of(80, "127.0.0.2", "nginx")},
      {tcp_gap()});
  period.snapshot({kWeb});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 2);
  for (const RegisterChange& each : found.changes) {
    CHECK(each.change.kind == ChangeKind::VanishedService);
    CHECK(each.before == Seq(2));
    CHECK(each.after == Seq(3));
  }
  CHECK(found.changes[0].change.endpoint.address.text() == "127.0.0.1");
  CHECK(found.changes[1].change.endpoint.address.text() == "127.0.0.2");
}

TEST_CASE("what moves or ends while its owner is hidden is the owner's who was seen last") {
  const Service unseen = service_of(4444, "0.0.0.0", "");
  Period period;
  period.snapshot({kWeb, kShell});
  period.snapshot({kWeb, unseen}, {}, 2);
  period.snapshot({kWeb, service_of(5555, "0.0.0.0", "socat")});
  const Register found = period.finish();
  REQUIRE(found.changes.size() == 2);
  CHECK(found.changes[1].change.kind == ChangeKind::VanishedService);
  CHECK(found.changes[1].change.before->owners.front().name == "nc");
  CHECK(found.changes[1].before == Seq(3));
}

// It came three times and never went, for each gap hid its end.
TEST_CASE("what a gap hides again and again does not flap") {
  Period period;
  for (int time = 0; time < 5; ++time) {
    period.snapshot({kWeb, kShell});
    period.snapshot({kWeb, kShell}, {tcp_gap()});
    period.snapshot({}, {tcp_gap()});
  }
  CHECK(period.finish().changes.empty());
}

TEST_CASE("an owner that comes into sight ends no service") {
  Period period;
  period.snapshot({kWeb}, {}, 20);
  period.snapshot({kWeb, service_of(4444, "0.0.0.0", "")});  // 21
  period.snapshot({kWeb, kShell}, {}, 3);
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 2);
  const RegisterEntry& shell = found.entries[1];
  CHECK(shell.key.owner.program == "/usr/sbin/nc");
  CHECK(shell.owner_unseen);
  CHECK(shell.snapshots == 4);
  REQUIRE(shell.spans.size() == 1);
  CHECK(shell.spans[0].seen == schema::SeqRange{Seq(21), Seq(24)});
  CHECK(shell.spans[0].not_before == Seq(20));
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].entry == 1);
  CHECK(found.changes[0].after == Seq(21));
}

TEST_CASE("an unseen owner is not the one that had gone from there") {
  Period period;
  period.snapshot({kWeb, kShell});
  period.snapshot({kWeb});
  period.snapshot({kWeb, service_of(4444, "0.0.0.0", "")});
  period.snapshot({kWeb, service_of(4444, "0.0.0.0", "socat")});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 3);
  CHECK(found.entries[1].spans.at(0).seen == schema::SeqRange{Seq(1), Seq(1)});
  CHECK(found.entries[2].spans.at(0).seen == schema::SeqRange{Seq(3), Seq(4)});
  CHECK(found.changes.size() == 2);
}

TEST_CASE("another owner who may have been out of sight has a row that says so") {
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessList;
  gap.reason = schema::GapReason::Permission;
  Period period;
  period.snapshot({kWeb}, {gap}, 3);
  period.snapshot({service_of(80, "0.0.0.0", "nc")}, {gap});
  const Register found = period.finish();
  REQUIRE(found.entries.size() == 2);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].change.kind == ChangeKind::OwnerChanged);
  CHECK(found.changes[0].change.severity == Severity::Info);
  CHECK(found.changes[0].before == Seq(3));
}

}  // namespace sockwitness
