// Gaps of a range of snapshots that may hide sockets or their holders.
//
// In:    an open history, the range.
// Out:   each gap with the snapshots that have it, in order.
// Never: a table that the kernel does not have: it hides nothing.
#pragma once

#include <vector>

#include "query/analysis/history/intervals.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

// `latest` is the last snapshot of the history. Within History::read.
[[nodiscard]] std::vector<CoverageGap> read_coverage_gaps(History& history,
                                                          schema::SeqRange snapshots,
                                                          schema::Seq latest);

}  // namespace sockwitness::query
