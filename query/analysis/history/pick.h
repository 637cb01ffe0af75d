// How well a snapshot answers for an instant.
//
// In:    the snapshots around the instant, which of them was chosen, the failed runs.
// Out:   the distance, and in words why the snapshot may not be good enough.
// Never: chooses: History knows the last snapshot at or before an instant.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct Pick {
  std::int64_t distance_us = 0;  // from the snapshot's begin to the instant
  std::string note;              // empty when the instant is well covered
};

// Snapshots ascending by seq; the last one is the last of the history, or lies well after the
// chosen one.
[[nodiscard]] Pick judge_pick(std::span<const schema::SnapshotInfo> snapshots,
                              std::span<const schema::MissedRun> missed,
                              std::size_t chosen,
                              schema::WallTime at);

// "4 minutes", "1 hour", "12 days": one unit, rounded down.
[[nodiscard]] std::string duration_words(std::int64_t microseconds);

}  // namespace sockwitness::query
