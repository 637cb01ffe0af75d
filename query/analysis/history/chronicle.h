// Events between the snapshots: reboots, clock steps, suspends, failed runs, times without
// snapshots and their causes.
//
// In:    the clocks of the snapshots, the runs that gave none, the schedule as far as it is known.
// Out:   events in the order in which they happened.
// Never: reports a slewed clock or a suspend as a clock step; names a cause without evidence.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/history/moments.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

enum class ChronicleKind {
  RecorderStarted,  // before the first snapshot of the history
  Pruned,           // what was before it was removed
  Thinned,          // from here on some snapshots are not whole
  RecorderChanged,  // another version, other rights
  Noted,            // the snapshot has a note
  Reboot,
  TimeGap,
  ClockStep,
  Suspend,
  MissedRun
};

// Why nothing was recorded.
enum class GapCause {
  Unknown,
  PoweredOff,  // another boot follows
  Suspended,   // most of it
  Failed,      // runs were made and could not write
  Skipped,     // runs were made while another was under way
  Late         // a loop's turn took too long
};

struct ChronicleEvent {
  ChronicleKind kind = ChronicleKind::TimeGap;
  // Position of the snapshot that it happened before; nothing: after the last.
  std::optional<std::size_t> before;
  // Gap: its length. Step: its size, negative when set back; nothing: set back over a reboot, by an
  // unknown amount. Suspend: time asleep.
  std::optional<std::int64_t> amount_us;
  std::optional<std::size_t> missed;  // position in the list of missed runs
  GapCause cause = GapCause::Unknown;
  std::int64_t missing_runs = 0;  // gap: by the schedule, whether or not they left a note
  std::optional<Pruned> pruned = {};
  std::optional<Thinned> thinned = {};
  std::string note = {};  // bytes of whoever took the snapshot
};

struct ChronicleOptions {
  // What the user expects; otherwise what a loop has stated, otherwise what was usual.
  std::optional<std::int64_t> expect_every_us;
  // Up to when the history should reach; nothing: up to its last snapshot.
  std::optional<schema::WallTime> until;
};

[[nodiscard]] std::vector<ChronicleEvent> build_chronicle(const Moments& moments,
                                                          std::span<const schema::MissedRun> missed,
                                                          const ChronicleOptions& options);

// Of an event that stands for a range of snapshots, where within `range` it belongs: before the
// first of them there. Any other is where it was.
[[nodiscard]] std::optional<std::size_t> place_within(const ChronicleEvent& event,
                                                      const Moments& moments,
                                                      schema::SeqRange range);

// "reboot", "time_gap", "clock_step", "suspend", "missed_run", "recorder_started",
// "recorder_changed", "noted", "pruned", "thinned"
[[nodiscard]] std::string_view chronicle_kind_word(ChronicleKind kind);
// "powered_off", "suspended", "failed", "skipped", "late", "unknown"
[[nodiscard]] std::string_view gap_cause_word(GapCause cause);

}  // namespace sockwitness::query
