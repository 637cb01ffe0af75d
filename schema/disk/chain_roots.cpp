#include "schema/disk/chain_roots.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/chain/hex_bytes.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// A transaction touches pages with rows of the latest records; to read all of a long history
// would delay the answer.
constexpr std::int64_t kLatest = 2'000;

}  // namespace

std::optional<std::string> find_flaw_of_rows(SQLite::Database& sqlite) {
  SQLite::Statement links(sqlite, std::string(sql::kReadRoots));
  std::int64_t last = 0;
  {
    SQLite::Statement end(sqlite, "SELECT coalesce(max(record), 0) FROM link");
    end.executeStep();
    last = end.getColumn(0).getInt64();
  }
  // Of the records up to the last prune not all rows are left.
  const auto kept = read_kept_rows(sqlite);
  std::int64_t whole_from = std::max(last - kLatest, kept ? kept->until_record : std::int64_t{0});
  const ThinnedSpans thinned(sqlite);
  if (const ThinnedSpan* const span = thinned.find_record(whole_from)) {
    whole_from = span->last_record;
  }
  Hasher hasher;
  Marks marks;
  std::optional<ChainedRows> rows;
  while (links.executeStep()) {
    RowReader row(links);
    const std::int64_t record = row.integer();
    const std::int64_t leaves = row.integer();
    const auto after = decode_advance(marks, row.bytes());
    const auto root = from_bytes<32>(row.bytes());
    if (!after || !root) {
      return fmt::format("the link of record {} is not of the form that links have", record);
    }
    if (record > whole_from) {
      if (!rows) {
        rows.emplace(sqlite.getHandle(), marks);
      }
      // Those of thinned snapshots in a row are one whole.
      const ThinnedSpan* const span = thinned.find_record(record);
      if (span == nullptr || record == span->last_record) {
        const RowsRoot found = rows->read(hasher, *after);
        if (found.leaves != (span != nullptr ? span->leaves : leaves) ||
            found.root != (span != nullptr ? span->root : *root)) {
          return fmt::format("the rows of record {} are not those that were signed", record);
        }
      }
    }
    marks = *after;
  }
  if (rows) {
    if (const auto outside = rows->find_outside()) {
      return fmt::format("it has rows that no record added ({})", *outside);
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::schema
