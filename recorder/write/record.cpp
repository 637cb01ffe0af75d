#include "recorder/write/record.h"

#include <map>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sealer.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {
namespace {

std::map<std::string, std::string> read_known(schema::Database& database) {
  std::map<std::string, std::string> known;
  schema::LentStatement read = database.lend(schema::sql::kReadSettings);
  while (read->executeStep()) {
    schema::RowReader row(*read);
    std::string name(row.bytes());
    known[std::move(name)] = row.bytes();
  }
  return known;
}

// Each with the first record that is written under it, and again when it is another.
void append_settings(schema::Database& database, schema::RowId record) {
  if (database.settings().empty()) {
    return;  // no file: what waits for one is written to it under that one's
  }
  const auto known = read_known(database);
  schema::LentStatement insert = database.lend(schema::sql::kInsertSetting);
  for (const auto& [name, value] : database.settings()) {
    const auto found = known.find(name);
    if (found == known.end() || found->second != value) {
      schema::RowBinder(*insert).integer(record).text(name).text(value).run();
    }
  }
}

}  // namespace

schema::RowId append_record(schema::Database& database, RecordKind kind, schema::WallTime written) {
  if (schema::Sealer* const sealer = database.sealer()) {
    sealer->before_record(database, written);
  }
  return insert_record(database, kind, written);
}

schema::RowId insert_record(schema::Database& database, RecordKind kind, schema::WallTime written) {
  SQLite::Statement last(database.sqlite(), "SELECT max(id) FROM record");
  last.executeStep();
  const schema::RowId id = schema::RowReader(last).maybe_integer().value_or(0) + 1;
  SQLite::Statement insert(database.sqlite(), std::string(schema::sql::kInsertRecord));
  schema::RowBinder(insert).integer(id).enumeration(kind).integer(written.microseconds).run();
  append_settings(database, id);
  return id;
}

}  // namespace sockwitness::recorder
