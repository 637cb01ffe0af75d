#include "query/analysis/history/chronicle_events.h"

namespace sockwitness::query {
namespace {

using schema::Seq;

EventKind kind_of(ChronicleKind kind) {
  switch (kind) {
    case ChronicleKind::RecorderStarted:
      return EventKind::RecorderStarted;
    case ChronicleKind::Pruned:
      return EventKind::Pruned;
    case ChronicleKind::Thinned:
      return EventKind::Thinned;
    case ChronicleKind::RecorderChanged:
      return EventKind::RecorderChanged;
    case ChronicleKind::Noted:
      return EventKind::Noted;
    case ChronicleKind::Reboot:
      return EventKind::Reboot;
    case ChronicleKind::TimeGap:
      return EventKind::TimeGap;
    case ChronicleKind::ClockStep:
      return EventKind::ClockStep;
    case ChronicleKind::Suspend:
      return EventKind::Suspend;
    case ChronicleKind::MissedRun:
      break;
  }
  return EventKind::MissedRun;
}

}  // namespace

std::vector<TimelineEvent> chronicle_events(const Moments& moments,
                                            std::span<const ChronicleEvent> chronicle,
                                            schema::SeqRange range) {
  std::vector<TimelineEvent> events;
  for (const ChronicleEvent& happened : chronicle) {
    TimelineEvent event;
    event.kind = kind_of(happened.kind);
    const std::size_t place = place_within(happened, moments, range).value_or(moments.size());
    if (place < moments.size()) {
      event.seq = moments[place].seq;
    }
    const bool is_note = event.kind == EventKind::Noted;  // of the snapshot itself
    if (place > 0 && !is_note) {
      event.not_before = moments[place - 1].seq;
    }
    const Seq first = range.first;
    // What happened before the first snapshot is not of the range, but its note is.
    const bool of_first = first == moments[0].seq || is_note;
    const bool within = event.seq ? *event.seq <= range.last &&
                                        (*event.seq > first || (*event.seq == first && of_first))
                                  : range.last == moments[moments.size() - 1].seq;
    if (within) {
      event.what = happened;
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace sockwitness::query
