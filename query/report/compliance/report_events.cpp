#include "query/report/compliance/report_events.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/report/records/chronicle_words.h"

namespace sockwitness::query {
namespace {

ReportEvent unsynchronized_event(const ComplianceInput& input,
                                 const schema::SeqRange& snapshots,
                                 const ClockFace& clock) {
  const Moments& moments = input.moments;
  const Moment& first = moments[moments.at_or_after(snapshots.first)];
  const Moment& last = moments[moments.at_or_after(snapshots.last)];
  const std::size_t count = moments.count(snapshots.first, snapshots.last);
  ReportEvent event{"clock_unsynchronized", snapshots.first, {}, {}};
  event.text = SafeText::own(
      count == 1 ? std::string("the clock was not synchronised in this snapshot")
                 : fmt::format("the clock was not synchronised in {} snapshots, up to #{} at {}",
                               count,
                               snapshots.last.value(),
                               clock(last.begin.wall)));
  event.members = chronicle_members({}, input.missed);
  for (Member& member : event.members) {
    if (member.key == "seconds") {
      member.value = distance_us(moments, first, last) / 1'000'000;
    } else if (member.key == "count") {
      member.value = std::uint64_t{count};
    } else if (member.key == "cause" || member.key == "missing_runs") {
      member.value = Value();
    }
  }
  return event;
}

}  // namespace

std::vector<ReportEvent> list_events(const ComplianceInput& input, const ClockFace& clock) {
  std::vector<ReportEvent> events;
  for (const ChronicleEvent& event : input.events) {
    const auto before =
        event.before ? std::optional(input.moments[*event.before].seq) : std::nullopt;
    events.push_back({chronicle_kind_word(event.kind),
                      before,
                      chronicle_text(event, input.missed, clock),
                      chronicle_members(event, input.missed)});
  }
  for (const schema::SeqRange& snapshots : input.unsynchronized) {
    events.push_back(unsynchronized_event(input, snapshots, clock));
  }
  std::stable_sort(events.begin(), events.end(), [](const auto& left, const auto& right) {
    return left.before && (!right.before || *left.before < *right.before);
  });
  return events;
}

}  // namespace sockwitness::query
