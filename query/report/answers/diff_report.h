// The answer of `diff`: what changed between two observations, and what could not be compared.
//
// In:    both sets of services, what they are, and the result of the comparison.
// Out:   a document for machines, a page for people.
// Never: counts as gone what a gap covers, or hides a change without its number.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/diff.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "schema/model/baseline.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// What one side of a comparison is: a snapshot or a baseline.
struct DiffEnd {
  std::optional<schema::SnapshotInfo> snapshot;
  std::optional<schema::BaselineInfo> baseline;
  std::string file;  // the other database that it comes from; empty for the usual one
  bool now = false;  // recorded for this comparison only
  const schema::ServiceSet& set;
};

struct DiffInput {
  DiffEnd from;
  DiffEnd to;
  const Diff& diff;
  bool all = false;                           // show changes of severity info as well
  std::vector<std::string> left_out;          // what belongs to one host only and was not compared
  std::function<bool(const Change&)> counts;  // for the exit code; such a change is shown always

  [[nodiscard]] bool shows(const Change& change) const {
    return all || change.severity > Severity::Info || (counts && counts(change));
  }
};

[[nodiscard]] Document build_diff(const DiffInput& input);
[[nodiscard]] Page lay_out_diff(const DiffInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
