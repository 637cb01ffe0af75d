// All rows of the tables that go by a numbering, by their number.
//
// In:    a connection to a database of ours.
// Out:   the rows as values.
// Never: writes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "query/seal/needed_rows.h"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace sockwitness::query {

class RowLookup {
 public:
  explicit RowLookup(SQLite::Database& sqlite) : sqlite_(sqlite) {}
  RowLookup(const RowLookup&) = delete;
  RowLookup& operator=(const RowLookup&) = delete;
  ~RowLookup();

  // Throws SQLite::Exception.
  [[nodiscard]] std::vector<schema::StoredRow> read(RowNumber number);

 private:
  SQLite::Database& sqlite_;
  std::map<std::string, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace sockwitness::query
