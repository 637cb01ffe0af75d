// The answer of `diff`: what changed between two snapshots, and what could not be compared.
//
// In:    the two snapshots and the result of the comparison.
// Out:   a document for machines, a page for people.
// Never: counts as gone what a gap covers.
#pragma once

#include "query/analysis/diff.h"
#include "query/report/document.h"
#include "query/report/host_words.h"
#include "query/report/page.h"

namespace sockwitness::query {

struct DiffInput {
  const schema::SnapshotView& before;
  const schema::SnapshotView& after;
  const Diff& diff;
};

[[nodiscard]] Document build_diff(const DiffInput& input);
[[nodiscard]] Page lay_out_diff(const DiffInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
