#include "query/analysis/account.h"

#include <catch2/catch.hpp>

#include "query/policy/policy_reader.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::Account;
using query::account_for;
using query::AccountBook;
using query::AccountStatus;
using query::parse_policy;
using query::Policy;
using schema::Service;
using test::owner;
using test::set_of;
using test::tcp;
using test::udp;
using test::unix_name;

namespace {

const schema::Owner kNginx = owner("/usr/sbin/nginx");

constexpr schema::WallTime kDay{test::kSceneTime};  // 2026-11-23

schema::Baseline baseline_of(std::vector<Service> services) {
  schema::Baseline baseline;
  baseline.info.name = "gold";
  baseline.set = set_of(std::move(services));
  return baseline;
}

struct Asked {
  schema::ServiceSet set;
  Policy policy;
  schema::Baseline baseline;
  AccountBook book;

  Asked(std::vector<Service> services, const std::string& text, std::vector<Service> known)
      : set(set_of(std::move(services))),
        policy(parse_policy("p.toml", text)),
        baseline(baseline_of(std::move(known))),
        book(account_for(set, policy, &baseline, kDay, false)) {}

  [[nodiscard]] const Account& only() const {
    REQUIRE(book.accounts.size() == 1);
    return book.accounts.front();
  }
};

Service accepted(Service service, std::optional<schema::WallTime> until) {
  service.accepted = schema::Acceptance{"shop", "alice", {1}, until};
  return service;
}

}  // namespace

TEST_CASE("approved, known, expired or unexplained") {
  const std::vector<Service> web{tcp("0.0.0.0 80", {kNginx})};
  SECTION("approved by the policy") {
    const Asked asked(web, "[[service]]\nport = 80\nreason = \"shop\"\napproved_by = \"ops\"", {});
    CHECK(asked.only().status == AccountStatus::Approved);
    CHECK(asked.only().reason == "shop");
    CHECK(asked.only().approved_by == "ops");
  }
  SECTION("the policy's approval is over") {
    const Asked asked(web, "[[service]]\nport = 80\nreason = \"shop\"\nexpires = 2026-11-22", {});
    CHECK(asked.only().status == AccountStatus::Expired);
    CHECK(schema::format_utc(*asked.only().expires) == "2026-11-22T23:59:59Z");
  }
  SECTION("on its last day it holds") {
    const Asked asked(web, "[[service]]\nport = 80\nreason = \"shop\"\nexpires = 2026-11-23", {});
    CHECK(asked.only().status == AccountStatus::Approved);
  }
  SECTION("a valid entry counts more than an expired one before it") {
    const Asked asked(web,
                      "[[service]]\nport = 80\nreason = \"old\"\nexpires = 2026-01-01\n"
                      "[[service]]\nprogram = \"nginx\"\nreason = \"new\"",
                      {});
    CHECK(asked.only().status == AccountStatus::Approved);
    CHECK(asked.only().reason == "new");
  }
  SECTION("its review is due") {
    const Asked asked(web, "[[service]]\nport = 80\nreason = \"shop\"\nreview = 2026-11-01", {});
    CHECK(asked.only().status == AccountStatus::Approved);
    CHECK(asked.only().review_due);
  }
  SECTION("in the baseline") {
    const Asked asked(web, "", web);
    CHECK(asked.only().status == AccountStatus::Baseline);
  }
  SECTION("in the baseline, served by somebody else now") {
    const Asked asked({tcp("0.0.0.0 80", {owner("/tmp/x")})}, "", web);
    CHECK(asked.only().status == AccountStatus::Unexplained);
    CHECK(asked.only().obstacle.find("was nginx") != std::string::npos);
  }
  SECTION("accepted into the baseline") {
    const Asked asked(web, "", {accepted(web[0], {})});
    CHECK(asked.only().status == AccountStatus::Approved);
    CHECK(asked.only().approved_by == "alice");
  }
  SECTION("accepted until yesterday") {
    const Asked asked(web, "", {accepted(web[0], schema::WallTime{kDay.microseconds - 1})});
    CHECK(asked.only().status == AccountStatus::Expired);
    CHECK(asked.only().reason == "shop");
  }
  SECTION("nothing known of it") {
    const Asked asked(web, "", {});
    CHECK(asked.only().status == AccountStatus::Unexplained);
    CHECK(asked.only().obstacle.empty());
  }
  SECTION("a draft approves nothing, and is named") {
    const Asked asked(web, "[[service]]\nport = 80\nreason = \"\"", {});
    CHECK(asked.only().status == AccountStatus::Unexplained);
    CHECK(asked.only().obstacle.find("line 1") != std::string::npos);
    CHECK(asked.book.unmatched.empty());
  }
}

TEST_CASE("an entry that names a target approves no other") {
  Service rule = tcp("0.0.0.0 8080", {});
  rule.no_holder = schema::NoHolderReason::Kernel;
  rule.leads_to = "172.17.0.2:80 in container web";
  const auto status = [&](const std::string& target) {
    const Asked asked(
        {rule}, "[[service]]\nport = 8080\nreason = \"shop\"\ntarget = \"" + target + "\"", {});
    return asked.only().status;
  };
  CHECK(status("172.17.0.2:80") == AccountStatus::Approved);
  CHECK(status("172.17.0.2:80 in container web") == AccountStatus::Approved);
  CHECK(status("* in container web") == AccountStatus::Approved);
  CHECK(status("172.17.0.3:80") == AccountStatus::Unexplained);
  CHECK(status("172.17.0.2") == AccountStatus::Unexplained);
  const Asked plain({tcp("0.0.0.0 8080", {kNginx})},
                    "[[service]]\nport = 8080\nreason = \"shop\"\ntarget = \"*\"",
                    {});
  CHECK(plain.only().status == AccountStatus::Unexplained);
}

TEST_CASE("an RPC program is known by its number") {
  auto before = udp("0.0.0.0 40000", {kNginx});
  auto now = udp("0.0.0.0 50000", {kNginx});
  before.rpc = now.rpc = {100024};
  CHECK(Asked({now}, "", {before}).only().status == AccountStatus::Baseline);
}

TEST_CASE("an owner that could not be seen was approved by nobody") {
  Service unseen = tcp("0.0.0.0 80", {});
  unseen.no_holder = schema::NoHolderReason::Permission;
  const Asked asked({unseen}, "[[service]]\nprogram = \"nginx\"\nreason = \"r\"", {});
  CHECK(asked.only().status == AccountStatus::Unexplained);
  CHECK_FALSE(asked.only().obstacle.empty());
}

TEST_CASE("a baseline accounts for what it saw, and for nothing wider or other") {
  using test::as_user;
  using test::with_content;
  const auto before = with_content(kNginx, 'a', true);
  const auto obstacle = [](Service now, Service then) {
    const Asked asked({std::move(now)}, "", {std::move(then)});
    const bool open = asked.only().status == AccountStatus::Unexplained;
    CHECK(open != asked.only().obstacle.empty());
    return open ? asked.only().obstacle : "in the baseline";
  };
  const auto then = tcp("0.0.0.0 80", {before});
  CHECK(obstacle(then, then) == "in the baseline");
  // An upgrade is what a package brought; other content is not.
  CHECK(obstacle(tcp("0.0.0.0 80", {with_content(before, 'b', true)}), then) == "in the baseline");
  CHECK_THAT(obstacle(tcp("0.0.0.0 80", {with_content(before, 'b', false)}), then),
             Catch::Contains("has other content"));
  // The same endpoint reaches further without its restriction to IPv6.
  auto six = tcp(":: 80", {before});
  auto both = six;
  six.v6only = true;
  both.v6only = false;
  CHECK_THAT(obstacle(both, six), Catch::Contains("now at any address"));
  CHECK(obstacle(six, both) == "in the baseline");
  // An RPC program is known by its number, but not wherever it listens.
  auto near = udp("127.0.0.1 40000", {before});
  auto far = udp("0.0.0.0 50000", {before});
  near.rpc = far.rpc = {100024};
  CHECK_THAT(obstacle(far, near), Catch::Contains("now at any IPv4 address"));
  CHECK(obstacle(near, far) == "in the baseline");
  // Whoever serves it now may be somebody else; where nobody was seen then, nothing is lost.
  auto unseen = tcp("0.0.0.0 80", {});
  unseen.no_holder = schema::NoHolderReason::Permission;
  CHECK_THAT(obstacle(unseen, then), Catch::StartsWith("its owner could not be seen; in the "));
  CHECK(obstacle(unseen, unseen) == "in the baseline");
  CHECK(obstacle(then, unseen) == "in the baseline");
}

TEST_CASE("the worst comes first; approved services that do not run are named") {
  const Asked asked(
      {tcp("0.0.0.0 1", {kNginx}), tcp("0.0.0.0 2", {kNginx}), tcp("0.0.0.0 3", {kNginx})},
      "[[service]]\nport = 1\nreason = \"r\"\n"
      "[[service]]\nport = 2\nreason = \"r\"\nexpires = 2020-01-01\n"
      "[[service]]\nport = 9\nreason = \"r\"",
      {});
  REQUIRE(asked.book.accounts.size() == 3);
  CHECK(asked.book.accounts[0].service->endpoint.port == schema::Port(3));
  CHECK(asked.book.accounts[1].status == AccountStatus::Expired);
  CHECK(asked.book.accounts[2].status == AccountStatus::Approved);
  REQUIRE(asked.book.unmatched.size() == 1);
  CHECK(asked.book.unmatched[0]->line == 8);
}

TEST_CASE("unix services are asked for, UDP ports that may be clients' are not judged") {
  auto passing = udp("0.0.0.0 40000", {kNginx});
  passing.standing = schema::Standing::Passing;
  auto client = udp("0.0.0.0 40001", {kNginx});
  client.standing = schema::Standing::Client;
  const auto set = set_of({unix_name("/run/x", {kNginx}), passing, client});
  const Policy none;
  CHECK(account_for(set, none, nullptr, kDay, false).accounts.empty());
  CHECK(account_for(set, none, nullptr, kDay, false).unjudged == 1);
  CHECK(account_for(set, none, nullptr, kDay, true).accounts.size() == 1);
}

}  // namespace sockwitness
