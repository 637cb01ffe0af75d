// Whether a host is recorded on schedule, and how long the disk will last.
//
// In:    times of snapshots, failed runs, the size of the file, the free space beside it, the
//        reader's clock.
// Out:   the facts, and problems with the next command to try.
// Never: forecasts from less than a day, or calls a host healthy without a recent snapshot.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "query/analysis/history/moments.h"
#include "schema/base/time.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct Room {
  std::uint64_t used = 0;   // bytes of the database
  std::uint64_t free = 0;   // bytes that its owner may still use
  std::uint64_t whole = 0;  // bytes of its file system
  std::uint64_t spare = 0;  // bytes of the database that are free: filled before it grows

  // How much of the file system is not free, in hundredths.
  [[nodiscard]] std::int64_t fill_percent() const {
    return whole == 0 ? 0
                      : static_cast<std::int64_t>((whole - std::min(free, whole)) * 100 / whole);
  }
};

enum class Trouble {
  Stale,        // the latest snapshot is older than three of the usual intervals
  Missed,       // runs of the last day that gave no snapshot
  Waiting,      // snapshots that could not be written yet
  LittleRoom,   // the file system is as full as was asked to be told
  FullSoon,     // full within the days that were asked for
  ClockBehind,  // the latest snapshot was taken after now
};

struct Health {
  std::optional<std::int64_t> usual_us;  // between two snapshots; nothing: fewer than two
  std::int64_t age_us = 0;               // of the latest one; negative when the clock is behind
  std::uint32_t missed = 0;              // in the last day
  std::size_t waiting = 0;
  std::optional<std::int64_t> bytes_a_day;
  std::optional<std::int64_t> full_in_days;
  std::vector<Trouble> troubles;
};

struct HealthQuestion {
  schema::WallTime now;
  Room room;
  std::size_t waiting = 0;
  std::int64_t fewest_days = 30;
  std::int64_t fullest_percent = 95;
  std::optional<std::int64_t> expect_every_us;  // nothing: the usual interval
};

// Precondition: there is a snapshot.
[[nodiscard]] Health examine(const Moments& moments,
                             std::span<const schema::MissedRun> missed,
                             const HealthQuestion& question);

}  // namespace sockwitness::query
