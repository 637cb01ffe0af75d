// Whoever could not be read, or only in part, is nobody else.
#include <algorithm>
#include <cerrno>

#include "query/analysis/account.h"
#include "tests/unit/query/analysis/diff_scene.h"

namespace sockwitness {

using query::ChangeKind;
using query::compare_services;
using query::Diff;
using query::Severity;
using schema::Owner;
using schema::Part;
using schema::Service;
using test::as_user;
using test::in_unit;
using test::kApp;
using test::kNginx;
using test::only;
using test::owner;
using test::set_of;
using test::started;
using test::tcp;
using test::with_script;

namespace {

constexpr const char* kEnd = "0.0.0.0 80";

// As the recorder leaves what it could not read.
Owner without(Owner owner, Part part) {
  owner.unread.insert(part);
  switch (part) {
    case Part::Ids:
      owner.uid = schema::kNoUid;
      owner.user = "?";
      break;
    case Part::Script:
      owner.script.clear();
      owner.script_file.reset();
      break;
    case Part::ControlGroup:
      owner.unit.clear();
      owner.container.clear();
      break;
    case Part::Program:
      owner.program.reset();
      break;
    default:
      break;
  }
  return owner;
}

Owner shop() {
  return in_unit(as_user(kApp, 33, "www-data"), "shop.service");
}

}  // namespace

TEST_CASE("whose a further address of a port is and nobody saw, is told as not compared") {
  using test::tcp;
  const auto nginx = test::owner("/usr/sbin/nginx");
  const auto unseen = [](std::string_view end) {
    schema::Service service = tcp(end, {});
    service.no_holder = schema::NoHolderReason::Permission;
    return service;
  };
  const auto both = test::set_of({tcp("0.0.0.0 80", {nginx}), unseen("127.0.0.1 80")});
  const auto alone = test::set_of({tcp("0.0.0.0 80", {nginx})});
  const auto places = [](const query::Diff& diff) {
    CHECK(diff.changes.empty());
    std::vector<std::string> found;
    for (const auto& each : diff.not_compared) {
      CHECK(each.owners_only);
      for (const schema::Endpoint& endpoint : each.endpoints) {
        found.push_back(endpoint.address.text());
      }
    }
    return found;
  };
  const std::vector<std::string> told{"127.0.0.1"};
  CHECK(places(query::compare_services(alone, both)) == told);
  CHECK(places(query::compare_services(both, alone)) == told);
}

TEST_CASE("an owner of whom a part could not be read is nobody else, before and after") {
  for (const Part part : {Part::Ids, Part::Script, Part::ControlGroup, Part::Program}) {
    INFO(static_cast<int>(part));
    const auto clear = set_of({tcp(kEnd, {shop()})});
    const auto blind = set_of({tcp(kEnd, {without(shop(), part)})});
    for (const Diff& diff : {compare_services(clear, blind), compare_services(blind, clear)}) {
      CHECK(diff.changes.empty());
      REQUIRE(diff.not_compared.size() == 1);
      CHECK(diff.not_compared[0].owners_only);
    }
  }
}

TEST_CASE("what could be read still tells that it is another one") {
  const auto before = set_of({tcp(kEnd, {without(shop(), Part::Ids)})});
  const Owner other = with_script(shop(), "/tmp/x.py");
  test::check(only(compare_services(before, set_of({tcp(kEnd, {other})}))),
              ChangeKind::OwnerChanged,
              Severity::High);
  const Owner root = as_user(without(shop(), Part::Script), 0, "root");
  test::check(only(compare_services(set_of({tcp(kEnd, {shop()})}), set_of({tcp(kEnd, {root})}))),
              ChangeKind::OwnerChanged,
              Severity::High);
}

TEST_CASE("a user is told by his number; names can be unreadable, and lie") {
  const auto named = set_of({tcp(kEnd, {shop()})});
  CHECK(compare_services(named, set_of({tcp(kEnd, {as_user(shop(), 33, "33")})})).changes.empty());
  CHECK(compare_services(named, set_of({tcp(kEnd, {as_user(shop(), 34, "www-data")})}))
            .changes.empty());
  // Another entry of the same name in /etc/passwd makes nobody else root.
  test::check(only(compare_services(named, set_of({tcp(kEnd, {as_user(shop(), 0, "www-data")})}))),
              ChangeKind::OwnerChanged,
              Severity::High);
}

TEST_CASE("whose the socket is was read, though nobody could see who answers") {
  const auto seen_by = [](unsigned uid, const char* name, std::vector<Owner> owners) {
    Service service = tcp(kEnd, std::move(owners));
    service.made_by = {schema::Uid(uid), name};
    if (service.owners.empty()) {
      service.no_holder = schema::NoHolderReason::Unread;
    }
    return set_of({service});
  };
  const auto root = seen_by(0, "root", {kNginx});
  CHECK(compare_services(root, seen_by(0, "root", {})).changes.empty());
  const auto change = only(compare_services(root, seen_by(33, "www-data", {})));
  test::check(change, ChangeKind::OwnerChanged, Severity::High);
  CHECK(change.why.find("root") != std::string::npos);
  CHECK(change.why.find("www-data") != std::string::npos);
  CHECK(compare_services(seen_by(0, "0", {}), seen_by(0, "root", {})).changes.empty());
}

TEST_CASE("whether an IPv6 socket takes IPv4 is not asked where it is not told") {
  const auto six = [](std::optional<bool> v6only) {
    Service service = tcp(":: 80", {kNginx});
    service.v6only = v6only;
    return set_of({service});
  };
  for (const bool known : {true, false}) {
    CHECK(compare_services(six(known), six(std::nullopt)).changes.empty());
    CHECK(compare_services(six(std::nullopt), six(known)).changes.empty());
  }
  CHECK(compare_services(six(true), six(false)).changes.size() == 1);
}

TEST_CASE("an account does not approve what it could not see, and calls nobody another one") {
  schema::Baseline baseline;
  baseline.set = set_of({tcp(kEnd, {shop()})});
  const auto set = set_of({tcp(kEnd, {without(shop(), Part::Ids)})});
  const auto book = query::account_for(set, {}, &baseline, schema::WallTime{}, false);
  REQUIRE(book.accounts.size() == 1);
  CHECK(book.accounts[0].status == query::AccountStatus::Unexplained);
  CHECK(book.accounts[0].obstacle.starts_with("its owner's user could not be read"));

  query::Policy policy;
  query::PolicyEntry entry;
  entry.protocols = {schema::Protocol::Tcp};
  entry.users = {"www-data"};
  entry.reason = "the shop";
  policy.entries = {entry};
  const auto unread = query::account_for(set, policy, nullptr, schema::WallTime{}, false);
  CHECK(unread.accounts[0].obstacle == "its owner's user could not be read");
  CHECK(unread.unmatched.empty());
  // Nor is it said that something does not run where nobody looked.
  auto blind = set_of({});
  CHECK(query::account_for(blind, policy, nullptr, schema::WallTime{}, false).unmatched.size() ==
        1);
  blind.gaps = {
      {schema::GapSource::SocketTable, schema::GapReason::Failed, {}, {}, schema::Protocol::Tcp}};
  CHECK(query::account_for(blind, policy, nullptr, schema::WallTime{}, false).unmatched.empty());
}

TEST_CASE("where the names of users could not be read, a name approves nobody and refuses nobody") {
  auto set = set_of({tcp(kEnd, {in_unit(as_user(kApp, 33, "33"), "shop.service")})});
  query::Policy policy;
  query::PolicyEntry entry;
  entry.users = {"www-data"};
  entry.reason = "the shop";
  policy.entries = {entry};
  const auto ask = [&] {
    return query::account_for(set, policy, nullptr, schema::WallTime{}, false);
  };
  CHECK(ask().accounts.at(0).obstacle.empty());
  CHECK(ask().unmatched.size() == 1);
  set.gaps = {{schema::GapSource::ProcessField,
               schema::GapReason::Failed,
               {},
               {},
               schema::GapPart::UserNames,
               EBADMSG}};
  CHECK(ask().accounts.at(0).status == query::AccountStatus::Unexplained);
  CHECK(ask().accounts.at(0).obstacle == "the names of users could not be read");
  CHECK(ask().unmatched.empty());
  policy.entries[0].users = {"33"};
  CHECK(ask().accounts.at(0).status == query::AccountStatus::Approved);
}

}  // namespace sockwitness
