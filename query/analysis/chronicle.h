// What happened between the snapshots: reboots, clock steps, sleep, times when nobody looked.
//
// In:    the list of snapshots and of the runs that gave none.
// Out:   events in the order in which they happened.
// Never: takes a slewed clock, or a suspended machine, for a step.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

enum class ChronicleKind { Reboot, TimeGap, ClockStep, Suspend, MissedRun };

struct ChronicleEvent {
  ChronicleKind kind = ChronicleKind::TimeGap;
  std::optional<std::size_t>
      before;  // position of the snapshot that it happened before; nothing: after the last
  std::int64_t amount_us =
      0;  // gap: its length; step: its size, negative when set back; suspend: time asleep
  std::optional<std::size_t> missed;  // position in the list of missed runs
};

[[nodiscard]] std::vector<ChronicleEvent> build_chronicle(
    std::span<const schema::SnapshotInfo> snapshots, std::span<const schema::MissedRun> missed);

// "reboot", "time_gap", "clock_step", "suspend", "missed_run"
[[nodiscard]] std::string_view chronicle_kind_word(ChronicleKind kind);

}  // namespace sockwitness::query
