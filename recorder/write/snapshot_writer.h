// Appends one snapshot to the file: only what changed since the one before, in one transaction.
//
// In:    a database opened for appending, the snapshot as observed, the previous one as loaded.
// Out:   its number; all or nothing on disk.
// Never: updates or deletes a row, or writes on top of a head that is not the one it compared with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/disk/load_snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

struct WrittenSnapshot {
  schema::SnapshotInfo info;
  std::uint32_t new_listening =
      0;  // listening internet sockets that the previous snapshot did not have
  std::uint32_t gone_listening = 0;  // and those that it had and this one does not
  schema::LoadedSnapshot rows;       // the rows behind the observed values; its snapshot is empty
};

// A snapshot that waited until the database could be written.
struct Deferral {
  std::string reason;  // what kept the database
  schema::WallTime written;
};

// `missed`: runs since the previous snapshot that gave none; each becomes a record before this one,
// unless an earlier run has recorded it and could not say so. Throws schema::Error (Unusable); then
// nothing was written.
WrittenSnapshot write_snapshot(schema::Database& database,
                               const schema::Snapshot& observed,
                               const schema::LoadedSnapshot& previous,
                               const std::vector<schema::MissedRun>& missed,
                               const std::optional<Deferral>& deferral = {});

// What was just written as load_previous() would give it, for a program that writes many in a row.
[[nodiscard]] schema::LoadedSnapshot as_previous(schema::Snapshot observed,
                                                 WrittenSnapshot written);

// Whether a snapshot with these clocks at its begin is among those that were written.
[[nodiscard]] bool is_recorded(schema::Database& database,
                               schema::WallTime began,
                               schema::BootTime since_boot);

// The previous snapshot to compare with; empty when there is none.
[[nodiscard]] schema::LoadedSnapshot load_previous(schema::Database& database);

}  // namespace sockwitness::recorder
