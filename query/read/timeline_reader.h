// Everything that happened in a range of snapshots, in order.
//
// In:    an open history; what is wanted of it.
// Out:   events one by one, by the snapshots that show them; equal questions give equal orders.
// Never: more than a window of the history in memory.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "query/analysis/filter.h"
#include "query/read/event_source.h"
#include "query/read/reading.h"

namespace sockwitness::query {

struct TimelineQuestion {
  Filter filter;
  EventKinds kinds;
  std::span<const ChronicleEvent> chronicle;  // of the whole history
  std::span<const schema::MissedRun> missed;
};

using VisitEvent = std::function<void(const TimelineEvent&)>;

void read_timeline(const Reading& reading,
                   const TimelineQuestion& question,
                   const VisitEvent& visit);

}  // namespace sockwitness::query
