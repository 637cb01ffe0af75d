// Several snapshots: each situation once, with when it was seen.

#include "query/app/situation_log.h"

#include <catch2/catch.hpp>

#include "query/analysis/acceptance.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::Judgement;
using query::Severity;
using query::SituationLog;

namespace {

// Findings as "key:severity", an accepted one with '+'.
Judgement judged(std::int64_t minute, std::initializer_list<const char*> findings) {
  static const query::FindingAcceptance acceptance;
  Judgement judgement;
  schema::Snapshot snapshot;
  snapshot.begin.wall = {test::kSceneTime.microseconds + minute * test::kMinuteUs};
  judgement.judged = std::make_shared<const query::JudgedSnapshot>(std::move(snapshot),
                                                                   std::vector<schema::Seen>());
  for (std::string text : findings) {
    query::Match match;
    match.acceptance = text.ends_with('+') ? &acceptance : nullptr;
    text.resize(text.size() - (match.accepted() ? 1 : 0));
    const auto colon = text.find(':');
    match.severity = *query::parse_severity(text.substr(colon + 1));
    judgement.findings.push_back({judgement.judged, {match}, text.substr(0, colon), {}});
  }
  return judgement;
}

// "minute of the snapshot: severity, first to last, in so many"
std::string told(SituationLog& log) {
  std::string text;
  for (const query::Finding& finding : log.take()) {
    const auto minute = [](schema::WallTime time) {
      return std::to_string((time.microseconds - test::kSceneTime.microseconds) / test::kMinuteUs);
    };
    const auto& interval = *finding.interval;
    text += minute(finding.judged->snapshot().begin.wall) + ": " +
            std::string(severity_word(finding.severity())) + (finding.accepted() ? "+" : "") +
            ", " + minute(interval.first) + " to " + minute(interval.last) + ", in " +
            std::to_string(interval.snapshots) + "; ";
  }
  return text;
}

}  // namespace

TEST_CASE("a situation is told once, as it was seen last") {
  SituationLog log;
  for (auto judgement : {judged(0, {"a:high", "b:low"}),
                         judged(5, {"b:medium"}),
                         judged(10, {}),
                         judged(15, {"a:critical", "c:high+"})}) {
    log.add(judgement);
  }
  CHECK(log.snapshots() == 4);
  CHECK(told(log) ==
        "15: critical, 0 to 15, in 2; 5: medium, 0 to 5, in 2; 15: high+, 15 to 15, in 1; ");
}

TEST_CASE("a situation of which not all could be read is the one that is known") {
  query::Rule rule;
  rule.id = "shell-on-network";
  // Of one process; its key holds what could be read of it.
  const auto found = [&](const char* text, std::int64_t start, bool all_read) {
    Judgement judgement = judged(start, {text});
    schema::Snapshot snapshot;
    snapshot.begin.wall = judgement.judged->snapshot().begin.wall;
    schema::Process process;
    process.pid = schema::Pid(20);
    process.start.nanoseconds = start < 100 ? 1 : 2;
    if (!all_read) {
      process.unread.insert(schema::Part::Ids);
    }
    snapshot.processes = {process};
    judgement.judged = std::make_shared<const query::JudgedSnapshot>(std::move(snapshot),
                                                                     std::vector<schema::Seen>());
    query::Finding& finding = judgement.findings.front();
    finding.judged = judgement.judged;
    finding.matches.front().process = schema::ProcessIndex(0);
    finding.matches.front().rule = &rule;
    return judgement;
  };
  SituationLog log;
  for (auto judgement :
       {found("root:high", 0, true), found("nobody:low", 5, false), found("root:high", 10, true)}) {
    log.add(judgement);
  }
  CHECK(told(log) == "10: high, 0 to 10, in 3; ");
  SituationLog others;
  for (auto judgement : {found("root:high", 0, true),
                         found("www:high", 5, true),
                         found("nobody:high", 100, false)}) {
    others.add(judgement);
  }
  CHECK(others.take().size() == 3);
}

TEST_CASE("several of one kind in one snapshot count once, the gravest is shown") {
  SituationLog log;
  auto judgement = judged(0, {"a:high", "a:medium", "a:low"});
  log.add(judgement);
  CHECK(told(log) == "0: high, 0 to 0, in 1; ");
}

TEST_CASE("of each rule that failed the first failure is kept") {
  query::Rule rule;
  query::Rule other;
  SituationLog log;
  for (const char* reason : {"one", "two"}) {
    auto judgement = judged(0, {});
    judgement.failures = {{&rule, reason, 1, false}};
    log.add(judgement);
  }
  auto judgement = judged(0, {});
  judgement.failures = {{&other, "three", 1, false}};
  log.add(judgement);
  REQUIRE(log.failures().size() == 2);
  CHECK(log.failures()[0].reason == "one");
  CHECK(log.failures()[1].reason == "three");
}

}  // namespace sockwitness
