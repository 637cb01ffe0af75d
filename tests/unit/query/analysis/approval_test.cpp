// Who had approved what, and when: approvals that end, and approvals that came too late.
#include "query/analysis/approval.h"

#include <catch2/catch.hpp>

#include "query/policy/policy_reader.h"

namespace sockwitness {
namespace {

using namespace query;
using schema::Service;
using schema::WallTime;

constexpr std::int64_t kDayUs = 86'400'000'000;
// 2026-10-01T12:00:00Z
constexpr std::int64_t kNoonUs = 1'790'856'000'000'000;

WallTime day(int number) {
  return {kNoonUs + number * kDayUs};
}

Service tcp(std::uint16_t port, const std::string& program) {
  Service service;
  service.endpoint.netns = "host";
  service.endpoint.port = schema::Port(port);
  schema::Owner owner;
  owner.name = program;
  owner.program.emplace();
  owner.program->path = "/usr/sbin/" + program;
  owner.user = "root";
  service.owners.push_back(owner);
  return service;
}

// The last day of port 80 is October 5th; port 22 has none; 4444 is a draft.
const Policy& policy() {
  static const Policy read = parse_policy("p.toml", R"(
[[service]]
port = 80
reason = "the shop"
approved_by = "ops"
ticket = "OPS-1"
expires = 2026-10-05
[[service]]
port = 22
reason = "administration"
[[service]]
port = 4444
reason = ""
)");
  return read;
}

// Made on day 2 with port 9100; port 9200 was accepted on day 4, until day 8.
const schema::Baseline& baseline() {
  static const schema::Baseline made = [] {
    schema::Baseline baseline;
    baseline.info.name = "gold";
    baseline.info.made_at = day(2);
    baseline.set.namespaces = {{schema::Inode(1), "host"}};
    baseline.set.services = {tcp(9100, "exporter"), tcp(9200, "search")};
    baseline.set.services[1].accepted = schema::Acceptance{"needed", "alice", day(4), day(8)};
    return baseline;
  }();
  return made;
}

struct Row {
  std::uint16_t port;
  std::string program;
  int day;
  AccountStatus status;
};

}  // namespace

TEST_CASE("approvals at their time") {
  using enum AccountStatus;
  const std::vector<Row> rows{
      {80, "nginx", 0, Approved},
      {80, "nginx", 4, Approved},
      {80, "nginx", 5, Expired},
      {80, "nginx", 90, Expired},
      {80, "nc", 4, Approved},  // the entry names no program
      {22, "sshd", -400, Approved},
      {22, "sshd", 400, Approved},
      {4444, "python3", 0, Unexplained},
      {4445, "python3", 0, Unexplained},
      {9100, "exporter", 0, Unexplained},  // there was no baseline yet
      {9100, "exporter", 1, Unexplained},
      {9100, "exporter", 2, Baseline},
      {9100, "exporter", 100, Baseline},
      {9100, "nc", 3, Unexplained},  // another owner than the baseline's
      {9200, "search", 1, Unexplained},
      {9200, "search", 3, Unexplained},  // not accepted yet
      {9200, "search", 4, Approved},
      {9200, "search", 7, Approved},
      {9200, "search", 8, Expired},
      {9200, "nc", 5, Unexplained},
  };
  std::vector<Service> services;
  for (const Row& row : rows) {
    services.push_back(tcp(row.port, row.program));
  }
  std::vector<ApprovalQuestion> questions;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    questions.push_back({&services[at], day(rows[at].day)});
  }
  const auto approvals = find_approvals(questions, policy(), &baseline());
  REQUIRE(approvals.size() == rows.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    INFO("port " << rows[at].port << " of " << rows[at].program << " on day " << rows[at].day);
    CHECK(account_status_word(approvals[at].status) == account_status_word(rows[at].status));
    // Asked together or alone: the same.
    CHECK(find_approvals({&questions[at], 1}, policy(), &baseline()).front() == approvals[at]);
  }
  CHECK(approvals[0].ticket == "OPS-1");
  CHECK(approvals[0].approved_by == "ops");
  CHECK(approvals[16].reason == "needed");
  CHECK(approvals[16].approved_by == "alice");
  CHECK(rows.size() == 20);
}

TEST_CASE("an approval holds from its day on, and until its file is replaced") {
  Policy dated = parse_policy("p.toml", R"(
[[service]]
port = 80
reason = "the shop"
approved_on = 2026-10-05
expires = 2026-10-08
[[service]]
port = 22
reason = "administration"
[[service]]
port = 25
reason = "mail, first"
[[service]]
port = 25
reason = "mail, again"
approved_on = 2026-10-20
)");
  dated.entries[1].holds_from = day(3);
  dated.entries[1].dated_by_file = true;
  dated.entries[2].holds_until = WallTime{day(10).microseconds - 1};
  struct DatedRow {
    std::uint16_t port;
    int day;
    std::string_view word;
    std::string_view obstacle;
  };
  const std::vector<DatedRow> rows{
      {80, 3, "later", "approved later, on 2026-10-05T00:00:00Z"},
      {80, 4, "approved", ""},  // day 0 is October 1st, at noon
      {80, 7, "approved", ""},
      {80, 8, "expired", ""},
      {22, 2, "later", "the date of the policy's file"},
      {22, 3, "approved", ""},
      {22, 900, "approved", ""},
      {25, -50, "approved", ""},
      {25, 9, "approved", ""},
      {25, 10, "later", "on 2026-10-20"},
      {25, 18, "later", "on 2026-10-20"},
      {25, 19, "approved", ""},
      {26, 5, "unexplained", ""},
  };
  for (const DatedRow& row : rows) {
    INFO("port " << row.port << " on day " << row.day);
    const Service service = tcp(row.port, "any");
    const ApprovalQuestion question{&service, day(row.day)};
    const Approval approval = find_approvals({&question, 1}, dated, nullptr).front();
    CHECK(query::approval_word(approval) == row.word);
    CHECK(approval.obstacle.find(row.obstacle) != std::string::npos);
    CHECK(approval.obstacle.empty() == row.obstacle.empty());
  }
  CHECK(rows.size() == 13);
}

TEST_CASE("without a policy and without a baseline nothing is approved") {
  const Service service = tcp(22, "sshd");
  const ApprovalQuestion question{&service, day(0)};
  CHECK(find_approvals({&question, 1}, {}, nullptr).front().status == AccountStatus::Unexplained);
}

}  // namespace sockwitness
