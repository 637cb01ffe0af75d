// Which snapshot answers for an instant, and how well.
//
// In:    the snapshots around the instant, which of them was chosen, the runs that gave none.
// Out:   the distance, and in words why the snapshot may not be good enough.
// Never: chooses; the history knows which snapshot was the last at or before an instant.
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
