#include "query/read/snapshot_totals.h"

#include <sqlite3.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history_database.h"
#include "query/read/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"

namespace sockwitness::query {

SnapshotTotals count_snapshots(History& history, schema::SeqRange snapshots) {
  SQLite::Statement statement(HistoryDatabase::of(history).sqlite(),
                              std::string(sql::kCountSnapshots));
  statement.bind(1, snapshots.first.value());
  statement.bind(2, snapshots.last.value());
  statement.executeStep();
  schema::RowReader row(statement);
  SnapshotTotals totals;
  totals.snapshots = row.number<std::uint32_t>();
  totals.incomplete = row.number<std::uint32_t>();
  totals.synchronized = row.number<std::uint32_t>();
  totals.unsynchronized = row.number<std::uint32_t>();
  return totals;
}

std::vector<schema::SeqRange> find_unsynchronized(History& history, schema::SeqRange snapshots) {
  SQLite::Statement statement(HistoryDatabase::of(history).sqlite(),
                              std::string(sql::kFindUnsynchronized));
  statement.bind(1, snapshots.first.value());
  statement.bind(2, snapshots.last.value());
  std::vector<schema::SeqRange> ranges;
  while (statement.executeStep()) {
    schema::RowReader row(statement);
    const schema::Seq seq(row.number<std::int64_t>());
    if (!ranges.empty() && ranges.back().last.value() + 1 == seq.value()) {
      ranges.back().last = seq;
    } else {
      ranges.push_back({seq, seq});
    }
  }
  return ranges;
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace sockwitness::query
