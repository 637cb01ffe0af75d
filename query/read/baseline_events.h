// What was done to baselines.
//
// In:    an open history, a range of snapshots.
// Out:   events between the snapshots of the range, in order.
// Never: what a baseline holds.
#pragma once

#include <vector>

#include "query/analysis/history/timeline_event.h"
#include "query/read/reading.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<TimelineEvent> read_baseline_events(const Reading& reading);

}  // namespace sockwitness::query
