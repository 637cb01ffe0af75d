// The list of snapshots: what each says of itself, without its sockets and processes.
//
// In:    an open database.
// Out:   SnapshotInfo values, and the way from a time to a snapshot.
// Never: assumes that wall time rises with seq.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "schema/base/error.h"
#include "schema/disk/id_list.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {

class Database;

// Snapshots `first` to `last`, ascending by seq.
[[nodiscard]] std::vector<SnapshotInfo> read_snapshot_infos(Database& database,
                                                            Seq first,
                                                            Seq last);

// The number of a snapshot that follows the one with `before`, if there is one before. Throws Error
// where numbers do not follow each other: what walks over a history walks over numbers.
[[nodiscard]] Seq checked_seq(Database& database, std::int64_t number, std::optional<Seq> before);

// What to throw where a snapshot that was recorded and not pruned has no row: a mistake of the
// file, not of the one that asks.
[[nodiscard]] Error missing_row(std::string_view doing, Seq seq);

// Nothing when there is no such snapshot.
[[nodiscard]] std::optional<SnapshotInfo> read_snapshot_info(Database& database, Seq seq);

// The number of the last snapshot, and of the first. Nothing when none was recorded.
[[nodiscard]] std::optional<Seq> read_last_seq(Database& database);
[[nodiscard]] std::optional<Seq> read_first_seq(Database& database);

// When clocks showed a time. Read from all snapshots: an index of times would be quicker, and need
// not say what they say.
struct TimeReading {
  Seq at_or_before;  // the snapshot whose begin is the latest up to then, whatever its number
  Seq last;          // the last one that began at or before it
  bool only_forward = false;  // none before that one began later than the time
};

// Nothing when all began later.
[[nodiscard]] std::optional<TimeReading> read_time(Database& database, WallTime time);

// Runs that gave no snapshot, in the order of recording.
[[nodiscard]] std::vector<MissedRun> read_missed_runs(Database& database);

// Stores one snapshot's own row.
void insert_snapshot_row(Database& database, const SnapshotInfo& info, RowId record, RowId context);

}  // namespace sockwitness::schema
