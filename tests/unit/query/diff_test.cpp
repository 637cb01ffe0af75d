#include "query/analysis/diff.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::ChangeKind;
using query::compare_services;
using query::Diff;
using query::Severity;
using schema::Protocol;
using schema::SnapshotView;
using test::Scene;

namespace {

Diff compare(const Scene& before, const Scene& after) {
  return compare_services({SnapshotView(before.snapshot), {}}, {SnapshotView(after.snapshot), {}});
}

}  // namespace

TEST_CASE("the same services make no difference, whoever serves them by which pid") {
  Scene before;
  before.hold(before.socket(Protocol::Tcp, "0.0.0.0 80"),
              before.process("nginx", 10, "/usr/sbin/nginx"),
              6);
  Scene after(43);
  const auto again = after.socket(Protocol::Tcp, "0.0.0.0 80");
  after.hold(again, after.process("nginx", 99, "/usr/sbin/nginx"), 7);
  after.hold(again, after.process("nginx", 100, "/usr/sbin/nginx"), 7);
  CHECK(compare(before, after).changes.empty());
  CHECK_FALSE(compare(before, after).has_findings());
}

TEST_CASE("a listener that was not there is new, one that is not there any more has vanished") {
  Scene with(1);
  with.socket(Protocol::Tcp, "0.0.0.0 4444");
  const Scene without(2);
  const Diff forward = compare(without, with);
  REQUIRE(forward.changes.size() == 1);
  CHECK(forward.changes[0].kind == ChangeKind::NewListener);
  CHECK(forward.changes[0].severity == Severity::High);
  CHECK(forward.changes[0].after);
  CHECK_FALSE(forward.changes[0].before);
  CHECK(forward.has_findings());
  const Diff backward = compare(with, without);
  REQUIRE(backward.changes.size() == 1);
  CHECK(backward.changes[0].kind == ChangeKind::VanishedService);
  CHECK(backward.changes[0].severity == Severity::Medium);
}

TEST_CASE("connections are no services") {
  Scene after;
  after.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 443");
  CHECK(compare(Scene(), after).changes.empty());
}

TEST_CASE("on loopback, a program that listened already is no finding") {
  Scene before;
  before.hold(before.socket(Protocol::Tcp, "0.0.0.0 80"), before.process("app", 10, "/opt/app"), 3);
  Scene after(43);
  const auto owner = after.process("app", 10, "/opt/app");
  after.hold(after.socket(Protocol::Tcp, "0.0.0.0 80"), owner, 3);
  after.hold(after.socket(Protocol::Tcp, "127.0.0.1 9000"), owner, 4);
  const Diff diff = compare(before, after);
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].severity == Severity::Info);
  CHECK_FALSE(diff.has_findings());

  // The same interpreter running another script is another program.
  after.at(owner).script = "/tmp/x.py";
  CHECK(compare(before, after).has_findings());
}

TEST_CASE("what a gap covers is neither gone nor new") {
  Scene full(1);
  full.socket(Protocol::Tcp, "0.0.0.0 80");
  full.socket(Protocol::Udp, "0.0.0.0 53");
  Scene blind(2);
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = "tcp";
  gap.netns = schema::NetnsIndex(0);
  blind.snapshot.gaps = {gap};

  const Diff gone = compare(full, blind);
  REQUIRE(gone.changes.size() == 1);
  CHECK(gone.changes[0].endpoint.protocol == Protocol::Udp);
  REQUIRE(gone.not_compared.size() == 1);
  CHECK(gone.not_compared[0].side == query::Side::After);
  CHECK(gone.not_compared[0].endpoints.size() == 1);

  const Diff fresh = compare(blind, full);
  REQUIRE(fresh.changes.size() == 1);
  CHECK(fresh.changes[0].endpoint.protocol == Protocol::Udp);
  REQUIRE(fresh.not_compared.size() == 1);
  CHECK(fresh.not_compared[0].side == query::Side::Before);

  // A table that the kernel does not have is no blind spot.
  blind.snapshot.gaps[0].reason = schema::GapReason::NotSupported;
  CHECK(compare(full, blind).not_compared.empty());
}

TEST_CASE("a namespace that could not be entered hides its services, another namespace does not") {
  Scene full(1);
  full.at(full.socket(Protocol::Tcp, "0.0.0.0 80")).netns = full.netns("container aa");
  full.socket(Protocol::Tcp, "0.0.0.0 22");
  Scene blind(2);
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  blind.snapshot.gaps = {gap};
  const Diff diff = compare(full, blind);
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].endpoint.port == schema::Port(22));
  REQUIRE(diff.not_compared.size() == 1);
  CHECK(diff.not_compared[0].endpoints[0].netns == "container aa");
}

TEST_CASE("a process that stays unreadable does not hide a namespace that is new") {
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = schema::GapReason::Permission;
  Scene before(1);
  before.snapshot.gaps = {gap};
  Scene after(2);
  after.snapshot.gaps = {gap};
  after.at(after.socket(Protocol::Tcp, "0.0.0.0 81")).netns = after.netns("netns 4026532345");
  const Diff fresh = compare(before, after);
  REQUIRE(fresh.changes.size() == 1);
  CHECK(fresh.changes[0].kind == ChangeKind::NewListener);
  // The other way round the process may live in it: nobody can say that it is gone.
  const Diff gone = compare(after, before);
  CHECK(gone.changes.empty());
  CHECK(gone.not_compared.size() == 1);
}

TEST_CASE("a namespace that is gone takes its services with it") {
  Scene full(1);
  full.at(full.socket(Protocol::Tcp, "0.0.0.0 80")).netns = full.netns("container aa");
  const Diff diff = compare(full, Scene(2));
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].kind == ChangeKind::VanishedService);
}

TEST_CASE("an ephemeral UDP port is a client's if its owner talks as a client") {
  Scene after(2);
  const auto owner = after.process("app", 10, "/opt/app");
  const auto udp = after.socket(Protocol::Udp, "0.0.0.0 40123");
  after.hold(udp, owner, 3);
  SECTION("alone it may be one, and is told apart") {
    const Diff diff = compare(Scene(1), after);
    REQUIRE(diff.changes.size() == 1);
    CHECK(diff.changes[0].severity == Severity::Medium);
  }
  SECTION("its owner has an outgoing connection") {
    after.hold(after.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 443"), owner, 4);
    CHECK(compare(Scene(1), after).changes.empty());
  }
  SECTION("its owner has an accepted connection only") {
    after.socket(Protocol::Tcp, "0.0.0.0 443");
    after.hold(after.socket(Protocol::Tcp, "10.0.0.1 443", "192.0.2.1 40000"), owner, 4);
    CHECK(compare(Scene(1), after).changes.size() == 2);
  }
  SECTION("it stayed over several snapshots") {
    after.hold(after.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 443"), owner, 4);
    const Scene before(1);
    const std::vector<schema::Seen> seen{{{1}, {2}}, {{2}, {2}}};
    const Diff diff =
        compare_services({SnapshotView(before.snapshot), {}}, {SnapshotView(after.snapshot), seen});
    REQUIRE(diff.changes.size() == 1);
    CHECK(diff.changes[0].severity == Severity::High);
  }
}

TEST_CASE("unix listeners are services by their name") {
  Scene after;
  after.unix_socket(schema::SocketState::Listen, "/run/x.sock");
  after.unix_socket(schema::SocketState::Established, "/run/x.sock");
  const Diff diff = compare(Scene(), after);
  REQUIRE(diff.changes.size() == 1);
  CHECK(diff.changes[0].endpoint.name == "/run/x.sock");
}

TEST_CASE("a difference is the mirror of its mirror") {
  Scene one(1);
  Scene two(2);
  one.socket(Protocol::Tcp, "0.0.0.0 1");
  one.socket(Protocol::Tcp, "0.0.0.0 2");
  two.socket(Protocol::Tcp, "0.0.0.0 2");
  two.socket(Protocol::Tcp, "::1 3");
  const Diff forward = compare(one, two);
  const Diff backward = compare(two, one);
  REQUIRE(forward.changes.size() == 2);
  REQUIRE(backward.changes.size() == 2);
  CHECK(forward.changes[0].endpoint == backward.changes[1].endpoint);
  CHECK(forward.changes[1].endpoint == backward.changes[0].endpoint);
}

}  // namespace sockwitness
