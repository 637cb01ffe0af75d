// The snapshots that --since and --until select.
//
// In:    an opened history and its clocks, times that were read already.
// Out:   the first and last snapshot; the state at the begin counts.
// Never: a range without snapshots as if nothing had changed in it.
#pragma once

#include <optional>
#include <string>

#include "query/analysis/history/moments.h"
#include "query/read/history.h"
#include "schema/program/grammar.h"
#include "schema/program/time_spec.h"

namespace sockwitness::query {

struct TimeRangeOptions {
  std::optional<std::string> since;
  std::optional<std::string> until;
};

struct TimeRange {
  // From the snapshot that shows the state at the begin: the last one at or before it, or the
  // first of all.
  schema::SeqRange snapshots;
  bool empty = false;  // no snapshot was taken within: `snapshots` are those around it
  std::optional<schema::WallTime> since;  // when an instant was asked for
  std::optional<schema::WallTime> until;
  std::string since_words;  // "#25", "2026-07-01T00:00:00Z", "the first snapshot": as it was asked
  std::string until_words;
  std::string note;  // why the answer needs care; empty for none
};

// `options` must outlive the command.
void add_time_range(schema::Command command, TimeRangeOptions& options);

// Precondition: there are snapshots. Throws schema::Error (Usage).
[[nodiscard]] TimeRange choose_time_range(History& history,
                                          const Moments& moments,
                                          const std::optional<schema::TimeSpec>& since,
                                          const std::optional<schema::TimeSpec>& until);

}  // namespace sockwitness::query
