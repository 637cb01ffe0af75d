#include <SQLiteCpp/SQLiteCpp.h>

#include "query/seal/sealed_row.h"
#include "schema/disk/chained_tables.h"
#include "schema/disk/database.h"

namespace sockwitness::query {

TableColumns read_table_columns() {
  schema::Database empty = schema::Database::make_in_memory("columns");
  TableColumns columns;
  SQLite::Statement read(empty.sqlite(), "SELECT name FROM pragma_table_info(?1) ORDER BY cid");
  for (const schema::ChainedTable& table : schema::chained_tables()) {
    const std::string name(table.name);
    read.reset();
    read.bind(1, name);
    while (read.executeStep()) {
      columns[name].push_back(read.getColumn(0).getString());
    }
  }
  return columns;
}

}  // namespace sockwitness::query
