// Which snapshots a prune may remove, and how much of a file is in use.
//
// In:    an open database, a time.
// Out:   the first snapshot that stays; sizes.
// Never: past the latest snapshot, or past the first that is held.
#pragma once

#include <cstdint>
#include <optional>

#include "schema/disk/database.h"
#include "schema/model/retention.h"

namespace sockwitness::recorder {

struct PruneRange {
  schema::Seq first;       // that is there
  schema::Seq first_kept;  // equal: nothing goes
  schema::Seq latest;
  std::optional<schema::Hold> hold;  // that keeps it from going further
  [[nodiscard]] std::int64_t snapshots() const { return first_kept.value() - first.value(); }
};

// The end of what may go at all. Throws schema::Error when there is no snapshot.
[[nodiscard]] PruneRange find_limit(schema::Database& database);
// What is older than `before` by the clocks of the snapshots: as far as all are.
[[nodiscard]] PruneRange find_older(schema::Database& database,
                                    const PruneRange& limit,
                                    schema::WallTime before);

struct FileSizes {
  std::int64_t bytes = 0;  // of the file
  std::int64_t used = 0;   // of it that is not free
};
[[nodiscard]] FileSizes read_sizes(schema::Database& database);

}  // namespace sockwitness::recorder
