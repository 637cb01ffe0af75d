#include "recorder/write/prune_range.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/thin_choice.h"
#include "schema/base/error.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/snapshot_row.h"

namespace sockwitness::recorder {

using schema::Database;
using schema::Error;
using schema::ExitCode;
using schema::Seq;

PruneRange find_limit(Database& database) {
  const auto first = schema::read_first_seq(database);
  const auto last = schema::read_last_seq(database);
  if (!first || !last) {
    throw Error(ExitCode::Unusable,
                fmt::format("reading '{}': it holds no snapshot yet", database.path()),
                "record one first: sockwitness-recorder snapshot");
  }
  PruneRange limit{*first, *last, *last, std::nullopt};
  for (const schema::Hold& hold : schema::read_holds(database)) {
    const Seq held = std::max(hold.snapshots.first, *first);
    if (held < limit.first_kept) {
      limit.first_kept = held;
      limit.hold = hold;
    }
  }
  limit.first_kept = whole_at_or_before(database, limit.first_kept);
  return limit;
}

PruneRange find_older(Database& database, const PruneRange& limit, schema::WallTime before) {
  try {
    SQLite::Statement find(database.sqlite(),
                           "SELECT min(seq) FROM snapshot NOT INDEXED WHERE began_us >= ?1");
    find.bind(1, before.microseconds);
    find.executeStep();
    PruneRange span = limit;
    const SQLite::Column found = find.getColumn(0);
    if (!found.isNull() && Seq(found.getInt64()) < span.first_kept) {
      span.first_kept = whole_at_or_before(database, Seq(found.getInt64()));
      span.hold.reset();
    }
    return span;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

FileSizes read_sizes(Database& database) {
  const auto read = [&](const char* pragma) {
    return database.sqlite().execAndGet(pragma).getInt64();
  };
  const std::int64_t size = read("PRAGMA page_size");
  const std::int64_t pages = read("PRAGMA page_count");
  return {pages * size, (pages - read("PRAGMA freelist_count")) * size};
}

}  // namespace sockwitness::recorder
