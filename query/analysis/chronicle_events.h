// What happened between the snapshots of a stretch, as events.
//
// In:    the chronicle of a whole history, its clocks, a stretch of snapshots.
// Out:   events in the order of the chronicle, each with the snapshots around it.
// Never: what happened before the first snapshot of the stretch, unless recording began there.
#pragma once

#include <span>
#include <vector>

#include "query/analysis/timeline_event.h"

namespace sockwitness::query {

// `moments` are those that the chronicle counts in.
[[nodiscard]] std::vector<TimelineEvent> chronicle_events(const Moments& moments,
                                                          std::span<const ChronicleEvent> chronicle,
                                                          schema::SeqRange stretch);

}  // namespace sockwitness::query
