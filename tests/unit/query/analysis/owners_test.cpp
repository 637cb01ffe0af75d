#include "query/analysis/owners.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using query::compare_owners;
using query::OwnerComparison;
using schema::Owner;
using test::as_user;
using test::in_unit;
using test::owner;
using test::set_of;
using test::started;
using test::tcp;
using test::with_script;
using Verdict = OwnerComparison::Verdict;

namespace {

constexpr const char* kEnd = "0.0.0.0 80";

OwnerComparison compare(std::vector<Owner> before, std::vector<Owner> after) {
  static schema::Service left;
  static schema::Service right;
  left = tcp(kEnd, std::move(before));
  right = tcp(kEnd, std::move(after));
  return compare_owners(set_of({}), left, right);
}

Owner manager(std::string_view path) {
  Owner made = owner(path);
  made.manager = true;
  made.pid = schema::Pid(1);
  return made;
}

}  // namespace

TEST_CASE("a pre-fork server that loses, gains or restarts workers is the same") {
  const Owner master = owner("/usr/sbin/nginx");
  const Owner worker = as_user(started(master, -50, 101, 100, 3), 33, "www-data");
  const Owner newcomer = as_user(started(master, 10, 102, 100, 3), 33, "www-data");
  CHECK(compare({master, worker}, {master}).verdict == Verdict::Same);
  CHECK(compare({master}, {master, worker}).verdict == Verdict::Same);
  CHECK(compare({master, worker}, {master, newcomer}).verdict == Verdict::Same);
  CHECK(compare({master, worker, newcomer}, {worker}).verdict == Verdict::Same);
}

TEST_CASE("another program, script, user, unit or container is another owner") {
  const Owner python = with_script(owner("/usr/bin/python3.11"), "/opt/app.py");
  Owner contained = python;
  contained.container = "4f1c";
  for (const Owner& other : {owner("/usr/sbin/nginx"),
                             with_script(owner("/usr/bin/python3.11"), "/tmp/x.py"),
                             owner("/usr/bin/python3.11"),
                             as_user(python, 33, "www-data"),
                             in_unit(python, "app.service"),
                             contained}) {
    const auto found = compare({python}, {other});
    INFO(other.path() << " " << other.script << " " << other.user);
    CHECK(found.verdict == Verdict::Changed);
    REQUIRE(found.before != nullptr);
    REQUIRE(found.after != nullptr);
    CHECK_FALSE(found.joined);
  }
  CHECK(compare({python}, {python}).verdict == Verdict::Same);
}

TEST_CASE("the number of a login session is no unit") {
  CHECK(query::stable_unit("session-12.scope") == query::stable_unit("session-3.scope"));
  CHECK(query::stable_unit("run-u17.service") == query::stable_unit("run-r0abc.service"));
  CHECK(query::stable_unit("nginx.service") == "nginx.service");
  CHECK(query::stable_unit("postgresql@15-main.service") == "postgresql@15-main.service");
}

TEST_CASE("somebody who holds a listener besides its owner is a change") {
  const Owner server = started(owner("/usr/bin/redis-server"), -50, 100, 1, 6);
  SECTION("unless it only kept the descriptors that it was started with") {
    const Owner child = started(owner("/usr/bin/dash"), 5, 200, 100, 6);
    CHECK(compare({server}, {server, child}).verdict == Verdict::Inherited);
  }
  SECTION("a child that was given it at another descriptor") {
    const Owner child = started(owner("/usr/bin/dash"), 5, 200, 100, 0);
    const auto found = compare({server}, {server, child});
    CHECK(found.verdict == Verdict::Changed);
    CHECK(found.joined);
    CHECK(found.after->path() == "/usr/bin/dash");
  }
  SECTION("a stranger") {
    const Owner stranger = started(owner("/tmp/x"), 5, 200, 1, 6);
    CHECK(compare({server}, {server, stranger}).verdict == Verdict::Changed);
  }
  SECTION("who may have been there unseen") {
    const Owner stranger = started(owner("/tmp/x"), 5, 200, 1, 6);
    schema::ServiceSet blind = set_of({});
    schema::Gap gap;
    gap.source = schema::GapSource::Descriptors;
    gap.count = 3;
    blind.gaps = {gap};
    CHECK(compare_owners(blind, tcp(kEnd, {server}), tcp(kEnd, {server, stranger})).verdict ==
          Verdict::Unseen);
    // A process that is not this one cannot have been it.
    blind.gaps[0].pid = schema::Pid(1);
    CHECK(compare_owners(blind, tcp(kEnd, {server}), tcp(kEnd, {server, stranger})).verdict ==
          Verdict::Changed);
  }
}

TEST_CASE("root that appears among the users of a program is a change") {
  const Owner user = as_user(owner("/usr/bin/redis-server"), 110, "redis");
  const Owner root = owner("/usr/bin/redis-server");
  CHECK(compare({user}, {user, root}).verdict == Verdict::Changed);
  CHECK(compare({root, user}, {user}).verdict == Verdict::Same);
}

TEST_CASE("socket activation hands over and takes back") {
  const Owner systemd = manager("/usr/lib/systemd/systemd");
  const Owner sshd = in_unit(owner("/usr/sbin/sshd"), "ssh.service");
  CHECK(compare({systemd}, {systemd, sshd}).verdict == Verdict::Same);
  CHECK(compare({systemd, sshd}, {systemd}).verdict == Verdict::Same);
  CHECK(compare({systemd, sshd}, {systemd, owner("/tmp/x")}).verdict == Verdict::Changed);
  // Nobody's child took it: the manager does not hold it any more.
  const Owner stranger = started(owner("/tmp/x"), 5, 200, 150, 3);
  CHECK(compare({systemd}, {stranger}).verdict == Verdict::Changed);
  const Owner waiting = manager("/usr/bin/systemd-socket-activate");
  CHECK(compare({waiting}, {stranger}).verdict == Verdict::Same);
}

TEST_CASE("owners that were not seen never changed") {
  schema::Service unseen = tcp(kEnd, {});
  unseen.no_holder = schema::NoHolderReason::Permission;
  const schema::Service seen = tcp(kEnd, {owner("/usr/sbin/nginx")});
  CHECK(compare_owners(set_of({}), unseen, seen).verdict == Verdict::Unseen);
  CHECK(compare_owners(set_of({}), seen, unseen).verdict == Verdict::Unseen);
  schema::Service nameless = seen;
  nameless.owners[0].program.reset();
  CHECK(compare_owners(set_of({}), nameless, seen).verdict == Verdict::Unseen);
}

TEST_CASE("the kernel is an owner of its own") {
  const schema::Service kernel = tcp(kEnd, {});
  const schema::Service program = tcp(kEnd, {owner("/tmp/x")});
  CHECK(compare_owners(set_of({}), kernel, kernel).verdict == Verdict::Same);
  const auto found = compare_owners(set_of({}), kernel, program);
  CHECK(found.verdict == Verdict::Changed);
  CHECK(found.before == nullptr);
}

}  // namespace sockwitness
