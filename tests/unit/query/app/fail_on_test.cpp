#include "query/app/fail_on.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"

namespace sockwitness {

using query::Change;
using query::ChangeKind;
using query::parse_fail_on;
using query::Severity;

namespace {

bool counts(const std::string& list, ChangeKind kind, Severity severity) {
  Change change;
  change.kind = kind;
  change.severity = severity;
  return parse_fail_on(list)(change);
}

}  // namespace

TEST_CASE("what counts for the exit code") {
  struct Row {
    const char* list;
    ChangeKind kind;
    Severity severity;
    bool counts;
  };
  const auto row = GENERATE(values<Row>({
      {"low", ChangeKind::Moved, Severity::Low, true},
      {"low", ChangeKind::NewListener, Severity::Info, false},
      {"high", ChangeKind::VanishedService, Severity::Medium, false},
      {"high", ChangeKind::NewListener, Severity::High, true},
      {"info", ChangeKind::Restarted, Severity::Info, true},
      // Of two severities the lower one, in whatever order.
      {"low,high", ChangeKind::Moved, Severity::Low, true},
      {"high,low", ChangeKind::Moved, Severity::Low, true},
      {"new_listener", ChangeKind::NewListener, Severity::Low, true},
      {"new_listener", ChangeKind::VanishedService, Severity::Medium, false},
      // A port that may be a client's is no new listener yet.
      {"new_listener,owner_changed", ChangeKind::NewListener, Severity::Info, false},
      {"moved", ChangeKind::Moved, Severity::Info, false},
      // These never weigh anything: who names them means them.
      {"restarted", ChangeKind::Restarted, Severity::Info, true},
      {"exposure_narrowed", ChangeKind::ExposureNarrowed, Severity::Info, true},
      {"new_listener,high", ChangeKind::OwnerChanged, Severity::High, true},
  }));
  CAPTURE(row.list, row.kind, row.severity);
  CHECK(counts(row.list, row.kind, row.severity) == row.counts);
}

TEST_CASE("a word that means no change is refused, and the nearest one named") {
  for (const std::string list :
       {"", "new_listner", "high,,low", "hihg", "high, low", "NEW_LISTENER"}) {
    CAPTURE(list);
    CHECK_THROWS_AS(parse_fail_on(list), schema::Error);
  }
}

}  // namespace sockwitness
