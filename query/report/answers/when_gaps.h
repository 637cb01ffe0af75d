// What makes an answer about time incomplete: times without snapshots, reboots, clock steps, gaps.
//
// In:    an interval, or all snapshots that were searched.
// Out:   the events and gaps that touch it, in order.
// Never: events and gaps outside it.
#pragma once

#include <vector>

#include "query/report/answers/when_report.h"

namespace sockwitness::query {

// One of the two is set.
struct WhenGap {
  const ChronicleEvent* event = nullptr;
  const CoverageGap* coverage_gaps = nullptr;
  // The snapshots around it: the last one before, the first one after; nothing: none.
  std::optional<schema::Seq> from;
  std::optional<schema::Seq> until;
};

// From the snapshot before a span to the one that no longer saw it, within what was asked for.
[[nodiscard]] std::vector<WhenGap> gaps_of(const WhenInput& input, const WhenInterval& span);
[[nodiscard]] std::vector<WhenGap> gaps_of(const WhenInput& input);
// Snapshots of what was asked for, from the first to the last that saw it.
struct SeenCount {
  std::size_t within = 0;
  std::size_t hidden = 0;  // those that could not see it
};
[[nodiscard]] SeenCount count_seen(const WhenInput& input, const WhenInterval& span);
// "tcp sockets in host: interrupted"
[[nodiscard]] SafeText unread_text(const CoverageGap& hidden);

}  // namespace sockwitness::query
