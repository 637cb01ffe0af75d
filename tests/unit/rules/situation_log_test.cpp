// Several snapshots: each situation once, with when it was seen.

#include "query/app/situation_log.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::Judgement;
using query::Severity;
using query::SituationLog;

namespace {

// Findings as "key:severity", an accepted one with '+'.
Judgement judged(std::int64_t minute, std::initializer_list<const char*> findings) {
  Judgement judgement;
  judgement.snapshot.begin.wall = {test::kNoon.microseconds + minute * test::kMinuteUs};
  for (std::string text : findings) {
    query::JudgedFinding finding;
    finding.record.accepted = text.ends_with('+');
    text.resize(text.size() - (finding.record.accepted ? 1 : 0));
    const auto colon = text.find(':');
    finding.key = text.substr(0, colon);
    finding.record.severity = *query::parse_severity(text.substr(colon + 1));
    finding.record.object = {{"minute", minute}};
    judgement.findings.push_back(std::move(finding));
  }
  return judgement;
}

// "minute of the record: severity, first to last, in so many"
std::string told(SituationLog& log) {
  std::string text;
  for (const query::CheckRow& row : log.take_rows()) {
    const auto minute = [](schema::WallTime time) {
      return std::to_string((time.microseconds - test::kNoon.microseconds) / test::kMinuteUs);
    };
    const auto shown = std::get<std::int64_t>(row.record.object[0].value.content());
    text += std::to_string(shown) + ": " + std::string(severity_word(row.record.severity)) +
            (row.record.accepted ? "+" : "") + ", " + minute(row.sightings->first) + " to " +
            minute(row.sightings->last) + ", in " + std::to_string(row.sightings->snapshots) + "; ";
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

TEST_CASE("one snapshot shows every finding, with the life of its socket") {
  auto judgement = judged(5, {"a:high", "a:high"});
  judgement.findings[0].seen = schema::Seen{{1}, {2}};
  const auto rows = query::rows_of(std::move(judgement.findings));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].sightings->first == schema::WallTime{1});
  CHECK_FALSE(rows[1].sightings);
}

}  // namespace sockwitness
