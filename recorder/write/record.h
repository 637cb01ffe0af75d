// The chain of records: one link for everything that was done to the file.
//
// In:    an open transaction.
// Out:   the number of the new link.
// Never: leaves a number out.
#pragma once

#include <cstdint>

#include "schema/base/time.h"
#include "schema/disk/id_list.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

// Stored numbers of record.kind, never reused.
enum class RecordKind : std::int64_t {
  Snapshot = 1,
  MissedRun = 2,
  Baseline = 3,
  BaselineDrop = 4,
  BaselineAcceptance = 5,
  Migration = 6,    // the format changed, or the chain begins in a file that has records
  Environment = 7,  // the recorder's program, its settings or its host changed
  Keys = 8,         // a row of signing keys begins
  Prune = 9,        // snapshots were removed
  Hold = 10,        // snapshots are held
  HoldEnd = 11,     // and no more
  Thin = 12         // snapshots were thinned
};

// What the database's sealer has to say before it comes first.
[[nodiscard]] schema::RowId append_record(schema::Database& database,
                                          RecordKind kind,
                                          schema::WallTime written);

// Without asking it.
[[nodiscard]] schema::RowId insert_record(schema::Database& database,
                                          RecordKind kind,
                                          schema::WallTime written);

}  // namespace sockwitness::recorder
