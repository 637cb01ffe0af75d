// The rows of retention: what was pruned, what is held, and what a prune left.
//
// In:    an open database.
// Out:   values, or new rows.
// Never: removes anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/chain/hasher.h"
#include "schema/chain/marks.h"
#include "schema/disk/id_list.h"
#include "schema/disk/thinned_spans.h"
#include "schema/model/retention.h"

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

class Database;

// What the rows of the records up to one must be, since others of them were removed.
struct KeptRows {
  RowId until_record = 0;
  std::int64_t leaves = 0;
  Hash root{};
  Marks marks;       // with that record
  Seq pruned_until;  // the last snapshot that is not there any more
};

// Of the last prune; nothing: all rows are there. Throws Error for a row that no recorder writes.
[[nodiscard]] std::optional<KeptRows> read_kept_rows(SQLite::Database& sqlite);

// In the order in which they were made.
[[nodiscard]] std::vector<Prune> read_prunes(Database& database);
[[nodiscard]] std::vector<Thin> read_thins(Database& database);
// Those that hold.
[[nodiscard]] std::vector<Hold> read_holds(Database& database);

void insert_prune(Database& database, RowId record, const Prune& prune, const KeptRows& kept);
void insert_thin(Database& database,
                 RowId record,
                 const Thin& thin,
                 const std::vector<ThinnedSpan>& spans);
void insert_hold(Database& database, RowId record, const Hold& hold);
void insert_hold_end(Database& database, RowId record, RowId hold, std::string_view reason);

}  // namespace sockwitness::schema
