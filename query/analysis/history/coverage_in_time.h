// How much of a period snapshots cover: a share of time, not of runs.
//
// In:    the clocks of the snapshots, what happened between them, the period that was asked for.
// Out:   intervals without a snapshot, with their causes; the share of the rest.
// Never: counts the time between two snapshots that are too far apart as covered; uses the wall
//        clock for a length where the clock since boot is known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "query/analysis/history/chronicle.h"

namespace sockwitness::query {

enum class UnobservedKind {
  Gap,       // between two snapshots that are further apart than the schedule allows
  NotBegun,  // before the first snapshot of the history
  Pruned,    // before it, and what was there was removed
  After      // after its last one
};

struct Unobserved {
  UnobservedKind kind = UnobservedKind::Gap;
  schema::WallTime from;  // by the clock: of the last snapshot before, or the begin of the period
  schema::WallTime to;    // of the first one after, or its end; after a step it may lie before
  GapCause cause = GapCause::Unknown;
  std::int64_t missing_runs = 0;
  std::optional<std::size_t> before;  // position of the snapshot at `to`
  // The time that really passed, whatever the wall clock did; nothing: not known.
  std::optional<std::int64_t> length_us;
};

struct TimeCoverage {
  schema::WallTime from;
  schema::WallTime to;
  std::vector<Unobserved> unobserved;    // in the order of the snapshots
  std::int64_t elapsed_us = 0;           // that the period lasted, but for ranges of unknown length
  std::int64_t unobserved_us = 0;        // of it
  bool unmeasured = false;               // there are ranges of unknown length
  std::int64_t longest_interval_us = 0;  // between two neighbours that count as observed
  std::uint32_t snapshots = 0;
  std::uint32_t skipped = 0;  // runs that gave none
  std::uint32_t failed = 0;
  std::uint32_t late = 0;
  std::int64_t missing = 0;  // by the schedule, whether or not they left a note

  // Runs that should have been: those that were, and those that were not.
  [[nodiscard]] std::int64_t expected() const { return std::int64_t{snapshots} + missing; }
  // In thousandths; nothing for a period without length, or of unknown length.
  [[nodiscard]] std::optional<std::int64_t> per_mille() const;
  // The same of the part whose length is known.
  [[nodiscard]] std::optional<std::int64_t> per_mille_at_most() const;
};

// `events` are those of all `moments`; `snapshots` the part of them that the period is told by: the
// first one may lie before `from`, and then shows the state at the begin. `due_us` after the last
// one the next would be due; nothing: at the usual interval.
[[nodiscard]] TimeCoverage measure_coverage(const Moments& moments,
                                            schema::SeqRange snapshots,
                                            std::span<const ChronicleEvent> events,
                                            std::span<const schema::MissedRun> missed,
                                            schema::WallTime from,
                                            schema::WallTime to,
                                            std::optional<std::int64_t> due_us = std::nullopt);

}  // namespace sockwitness::query
