// The chronicle of a range of snapshots, as timeline events.
//
// In:    the chronicle of a whole history, its clocks, a range of snapshots.
// Out:   events in the order of the chronicle, each with the snapshots around it.
// Never: events before the first snapshot of the range, unless recording began there.
#pragma once

#include <span>
#include <vector>

#include "query/analysis/history/timeline_event.h"

namespace sockwitness::query {

// `moments` are those that the chronicle counts in.
[[nodiscard]] std::vector<TimelineEvent> chronicle_events(const Moments& moments,
                                                          std::span<const ChronicleEvent> chronicle,
                                                          schema::SeqRange range);

}  // namespace sockwitness::query
