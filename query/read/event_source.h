// Events of one sort, a window of snapshots at a time.
//
// In:    whatever the source reads.
// Out:   events; those of one window may lie after it, never before it.
// Never: more in memory than a window and the histories that overlap it.
#pragma once

#include <vector>

#include "query/analysis/history/timeline_event.h"

namespace sockwitness::query {

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // Appends the events of the next window, in no order; false when there is none.
  virtual bool next(std::vector<TimelineEvent>& events) = 0;
  // What comes after this window happened later than this snapshot. Precondition: next() was true.
  [[nodiscard]] virtual schema::Seq until() const = 0;
};

}  // namespace sockwitness::query
