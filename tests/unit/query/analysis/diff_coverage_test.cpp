#include <algorithm>
#include <memory>
#include <utility>

#include "query/analysis/history/hiding.h"
#include "query/report/words/host_words.h"
#include "tests/unit/query/analysis/diff_scene.h"

namespace sockwitness {

using query::ChangeKind;
using query::compare_services;
using query::Diff;
using query::Severity;
using schema::Service;
using test::as_user;
using test::check;
using test::in;
using test::kApp;
using test::kNginx;
using test::only;
using test::owner;
using test::set_of;
using test::started;
using test::tcp;
using test::udp;

namespace {

schema::Gap table_gap() {
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = schema::Protocol::Tcp;
  gap.netns = schema::NetnsIndex(0);
  return gap;
}

}  // namespace

TEST_CASE("what a gap covers is neither gone nor new nor narrower") {
  const auto full = set_of({tcp("0.0.0.0 80", {kNginx}), udp("0.0.0.0 53", {kNginx})});
  auto blind = set_of({});
  blind.gaps = {table_gap()};
  const Diff gone = compare_services(full, blind);
  CHECK(only(gone).endpoint.protocol == schema::Protocol::Udp);
  REQUIRE(gone.not_compared.size() == 1);
  CHECK(gone.not_compared[0].side == query::Side::After);
  CHECK_FALSE(gone.not_compared[0].owners_only);
  CHECK(gone.not_compared[0].endpoints.size() == 1);
  const Diff fresh = compare_services(blind, full);
  CHECK(only(fresh).endpoint.protocol == schema::Protocol::Udp);
  REQUIRE(fresh.not_compared.size() == 1);
  CHECK(fresh.not_compared[0].side == query::Side::Before);

  auto half = set_of({tcp("127.0.0.1 80", {kNginx}), udp("0.0.0.0 53", {kNginx})});
  half.gaps = {table_gap()};
  CHECK(compare_services(full, half).changes.empty());
  CHECK(compare_services(half, full).changes.empty());

  // Of a protocol that the kernel does not have there is no gap: it has sockets and shows no table.
  blind.gaps[0].reason = schema::GapReason::NotSupported;
  CHECK(compare_services(full, blind).not_compared.size() == 1);
}

TEST_CASE("a namespace that could not be entered hides its services, another namespace does not") {
  const auto full =
      set_of({in("container aa", tcp("0.0.0.0 80", {kNginx})), tcp("0.0.0.0 22", {kApp})});
  auto blind = set_of({});
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  blind.gaps = {gap};
  const Diff diff = compare_services(full, blind);
  CHECK(only(diff).endpoint.port == schema::Port(22));
  REQUIRE(diff.not_compared.size() == 1);
  CHECK(diff.not_compared[0].endpoints[0].netns == "container aa");
  // Without the gap the namespace is gone, and its services with it.
  blind.gaps.clear();
  CHECK(compare_services(full, blind).changes.size() == 2);
}

TEST_CASE("a named entry that could not be followed hides the namespace of its name alone") {
  const auto full = set_of({in("blue", tcp("0.0.0.0 80", {kNginx}))});
  auto blind = set_of({});
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.object = schema::GapObject::of_text("/run/netns/green");
  blind.gaps = {gap};
  check(only(compare_services(full, blind)), ChangeKind::VanishedService, Severity::Medium);
  blind.gaps[0].object = schema::GapObject::of_text("/run/netns/blue");
  CHECK(compare_services(full, blind).changes.empty());
}

TEST_CASE("a process that stays unreadable does not hide a namespace that is new") {
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = schema::GapReason::Permission;
  auto before = set_of({});
  before.gaps = {gap};
  auto after = set_of({in("netns 4026532345", tcp("0.0.0.0 81", {kApp}))});
  after.gaps = {gap};
  check(only(compare_services(before, after)), ChangeKind::NewListener, Severity::High);
  // The other way round the process may live in it: nobody can say that it is gone.
  const Diff gone = compare_services(after, before);
  CHECK(gone.changes.empty());
  CHECK(gone.not_compared.size() == 1);
}

// An unprivileged run names no namespace of other users' processes; the next one, as root, does.
TEST_CASE("of many unreadable processes some may have lived in a namespace that is seen now") {
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = schema::GapReason::Permission;
  gap.count = 70;
  auto before = set_of({});
  before.gaps = {gap};
  gap.count = 1;
  auto after = set_of({in("netns 4026532345", tcp("0.0.0.0 81", {kApp}))});
  after.gaps = {gap};
  const Diff old = compare_services(before, after);
  CHECK(old.changes.empty());
  CHECK(old.not_compared.size() == 1);
  // Its owner was started since: it cannot have been one of them.
  after.services[0].owners = {started(kApp, 3)};
  check(only(compare_services(before, after)), ChangeKind::NewListener, Severity::High);
  after.services[0].owners.clear();
  CHECK(compare_services(before, after).not_compared.size() == 1);
}

TEST_CASE("owners that one side could not see are not compared") {
  Service unseen = tcp("0.0.0.0 80", {});
  unseen.no_holder = schema::NoHolderReason::Permission;
  auto unprivileged = set_of({unseen});
  schema::Gap gap;
  gap.source = schema::GapSource::Descriptors;
  gap.reason = schema::GapReason::Permission;
  gap.count = 70;
  unprivileged.gaps = {gap};
  const auto root = set_of({tcp("0.0.0.0 80", {kNginx})});
  for (const Diff& diff :
       {compare_services(unprivileged, root), compare_services(root, unprivileged)}) {
    CHECK(diff.changes.empty());
    REQUIRE(diff.not_compared.size() == 1);
    CHECK(diff.not_compared[0].owners_only);
    CHECK(diff.not_compared[0].gap == 0U);
  }
}

TEST_CASE("an unprivileged recorder that sees only its own worker takes nothing for a change") {
  const auto master = kNginx;
  const auto worker = as_user(started(kNginx, -50, 101, 100), 33, "www-data");
  const auto other = as_user(started(owner("/usr/bin/other"), -50, 102, 100), 34, "other");
  auto partly = set_of({tcp("0.0.0.0 80", {worker})});
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessField;
  gap.object = schema::GapPart::Descriptors;
  gap.count = 70;
  partly.gaps = {gap};
  for (const auto& owners : {std::vector{master, worker}, std::vector{worker, other}}) {
    const auto whole = set_of({tcp("0.0.0.0 80", owners)});
    CHECK(compare_services(whole, partly).changes.empty());
    const Diff diff = compare_services(partly, whole);
    CHECK(diff.changes.empty());
    // Nor does it say that nothing changed.
    REQUIRE(diff.not_compared.size() == 1);
    CHECK(diff.not_compared[0].owners_only);
    CHECK(diff.not_compared[0].side == query::Side::Before);
  }
  // Whoever is there now may have been there, unseen, beside the one that left.
  const auto taken = set_of({tcp("0.0.0.0 80", {other})});
  CHECK(compare_services(partly, taken).changes.empty());
  CHECK(compare_services(partly, taken).not_compared.size() == 1);
  CHECK(compare_services(set_of({tcp("0.0.0.0 80", {worker})}), taken).changes.size() == 1);
  // Sockets that are in no table say nothing about those that are.
  partly.gaps = {{schema::GapSource::Descriptors,
                  schema::GapReason::TooMany,
                  {},
                  {},
                  schema::GapPart::UnlistedSocket}};
  CHECK(compare_services(partly, taken).changes.size() == 1);
}

TEST_CASE("processes that are hidden may live in namespaces that nobody else shows") {
  const auto full =
      set_of({in("netns 5", tcp("0.0.0.0 80", {kNginx})), tcp("0.0.0.0 22", {kNginx})});
  auto blind = set_of({tcp("0.0.0.0 22", {kNginx})});
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessList;
  gap.reason = schema::GapReason::Permission;
  gap.object = schema::GapPart::HiddenProcesses;
  blind.gaps = {gap};
  CHECK(compare_services(full, blind).changes.empty());
  CHECK(compare_services(full, blind).not_compared.size() == 1);
  CHECK(compare_services(blind, full).changes.empty());
  // A recorder in a container misses nothing of its own world.
  blind.gaps[0].reason = schema::GapReason::NotSupported;
  CHECK(compare_services(full, blind).changes.size() == 1);
}

TEST_CASE(
    "a list that hides now more processes and now less hides those that it showed no better") {
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessList;
  gap.reason = schema::GapReason::Permission;
  gap.object = schema::GapPart::HiddenProcesses;
  const auto observation = [&](std::uint32_t hidden) {
    auto view = set_of({tcp("0.0.0.0 22", {kNginx})});
    gap.count = hidden;
    view.gaps = {gap};
    query::Observation made;
    made.visibility = std::make_shared<const schema::Visibility>(view);
    return made;
  };
  query::Place place;
  place.pid = schema::Pid(7);
  CHECK_FALSE(query::may_have_hidden(observation(9), observation(7), place));
  CHECK_FALSE(query::may_have_hidden(observation(7), observation(9), place));
  auto clear = observation(7);
  clear.visibility = std::make_shared<const schema::Visibility>(set_of({}));
  CHECK(query::may_have_hidden(observation(9), clear, place));

  gap.count = 12;
  CHECK(query::gap_text(gap, {}).text() ==
        "at least 12 processes that /proc hides (hidepid): permission");
  gap.count = 1;  // or nobody could count them
  CHECK(query::gap_text(gap, {}).text() == "processes that /proc hides (hidepid): permission");
}

}  // namespace sockwitness
