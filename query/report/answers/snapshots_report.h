// The answer of `snapshots`: what was recorded, when, how complete, and what happened in between.
//
// In:    the list of snapshots, their gaps, the runs that gave none, the chronicle of them.
// Out:   a document for machines, a page for people.
// Never: leaves out a run that gave no snapshot.
#pragma once

#include <span>

#include "query/analysis/history/chronicle.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/visibility.h"

namespace sockwitness::query {

struct SnapshotsInput {
  std::span<const schema::SnapshotInfo> snapshots;
  std::span<const schema::Visibility> visibility;  // parallel to the snapshots
  std::span<const schema::MissedRun> missed;
  std::span<const ChronicleEvent> events;
  bool each_gap = false;  // --gaps
};

[[nodiscard]] Document build_snapshots(const SnapshotsInput& input);
[[nodiscard]] Page lay_out_snapshots(const SnapshotsInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
