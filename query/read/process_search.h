// Searches processes by their own columns: pid, program, user, unit, container, namespace.
//
// In:    an open database, a filter, rows.
// Out:   origin ids of the rows that fit.
// Never: decides by the user name of one snapshot: any name that the uid had matches.
#pragma once

#include <vector>

#include "query/read/block_sieve.h"
#include "query/read/filter_words.h"

namespace SQLite {
class Statement;
}

namespace sockwitness::query {

class ProcessSearch {
 public:
  // All must outlive this object.
  ProcessSearch(schema::Database& database, const SnapshotContexts& contexts, const Filter& filter);

  // Ascending.
  void search_rows(const std::vector<schema::RowId>& rows);
  // As few of them as the digests allow.
  void search_range(RowRange rows);
  // Ascending, each once.
  [[nodiscard]] std::vector<schema::RowId> take();

 private:
  void visit(SQLite::Statement& row);
  [[nodiscard]] BlockSieve sift(RowRange rows);

  schema::Database& database_;
  const Filter& filter_;
  FilterWords words_;
  std::vector<schema::RowId> found_;
};

}  // namespace sockwitness::query
