#include "recorder/write/record.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {

schema::RowId append_record(schema::Database& database, RecordKind kind, schema::WallTime written) {
  SQLite::Statement last(database.sqlite(), "SELECT max(id) FROM record");
  last.executeStep();
  const schema::RowId id = schema::RowReader(last).maybe_integer().value_or(0) + 1;
  SQLite::Statement insert(database.sqlite(), std::string(schema::sql::kInsertRecord));
  schema::RowBinder(insert).integer(id).enumeration(kind).integer(written.microseconds).run();
  return id;
}

}  // namespace sockwitness::recorder
