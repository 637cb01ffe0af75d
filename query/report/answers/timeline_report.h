// The answer of `timeline`: what happened, one event after the other.
//
// In:    events in order, the clocks of the history.
// Out:   what surrounds the events, a record and a line for each.
// Never: all of them at once: a year of events is longer than memory.
#pragma once

#include <span>
#include <string>

#include "query/analysis/history/timeline_event.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"

namespace sockwitness::query {

struct TimelineInput {
  std::string query;       // as typed; empty for everything
  const Moments& moments;  // of the whole history
  schema::SeqRange searched;
  std::string host;
  std::span<const schema::MissedRun> missed;
  const PortNames& names;
  std::string note;  // why the answer needs care; empty for none
};

// Without rows.
[[nodiscard]] Document build_timeline(const TimelineInput& input);
[[nodiscard]] Value event_value(const TimelineInput& input, const TimelineEvent& event);

[[nodiscard]] Page lay_out_timeline_head(const TimelineInput& input, const ClockFace& clock);
[[nodiscard]] Page lay_out_event(const TimelineInput& input,
                                 const TimelineEvent& event,
                                 const ClockFace& clock);
// For a timeline without events: it says which snapshots were searched.
[[nodiscard]] Page lay_out_nothing(const TimelineInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
