// The rows that records added, in the order in which they are hashed, one record after the other.
//
// In:    a connection, the marks that come before the first record.
// Out:   for each record the root over its rows; rows that belong to none.
// Never: reads a row by an index of SQL, or one twice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/chain/hasher.h"
#include "schema/chain/marks.h"
#include "schema/disk/chained_tables.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sockwitness::schema {

class Database;

// The highest number of every numbering, as the tables have it, or had it before a prune. Throws
// SQLite::Exception.
[[nodiscard]] Marks read_marks(Database& database);

// The leaf hash of the row with that number, as it stands in the tree. Throws SQLite::Exception,
// Error when there is none.
[[nodiscard]] Hash hash_row(sqlite3* sqlite,
                            Hasher& hasher,
                            std::string_view table,
                            std::int64_t key);

struct RowsRoot {
  Hash root{};
  std::int64_t leaves = 0;
};

class ChainedRows {
 public:
  // Told of each row before it is hashed; for proofs.
  using Listener = std::function<void(const ChainedTable&, std::string_view bytes)>;

  // `wanted`: which tables may have rows at all; to ask the others costs time. Nothing: all.
  using Wanted = std::function<bool(const ChainedTable&)>;

  ChainedRows(sqlite3* sqlite, Marks from, const Wanted& wanted = {});
  ChainedRows(const ChainedRows&) = delete;
  ChainedRows& operator=(const ChainedRows&) = delete;
  ~ChainedRows();

  // The root over the rows above the marks of the call before, up to these.
  [[nodiscard]] RowsRoot read(Hasher& hasher, const Marks& to, const Listener& listener = {});
  // Gives back all locks; the next read() goes on where this one ended.
  void release();
  // A row above the last marks, or in no part of its table: "missed, record 17". Nothing: there is
  // none.
  [[nodiscard]] std::optional<std::string> find_outside();

 private:
  class Cursor;
  sqlite3* sqlite_;
  Marks reached_;
  std::vector<Cursor> cursors_;
};

}  // namespace sockwitness::schema
