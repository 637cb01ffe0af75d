// Gaps that cover whole places, with the snapshots that have them.
//
// In:    the contexts of a range of snapshots.
// Out:   gaps that may hide a socket, in the order of their rows.
// Never: what hides only the holders of a socket, or a table that the kernel does not have.
#pragma once

#include <vector>

#include "query/analysis/history/intervals.h"
#include "query/read/snapshot_contexts.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<CoverageGap> find_place_gaps(const SnapshotContexts& contexts);

}  // namespace sockwitness::query
