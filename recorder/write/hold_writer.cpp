#include "recorder/write/hold_writer.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/record.h"
#include "schema/base/error.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"
#include "schema/program/suggest.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Error;
using schema::ExitCode;
using schema::RowId;

const schema::Hold* find(const std::vector<schema::Hold>& holds, const std::string& name) {
  const auto found = std::find_if(
      holds.begin(), holds.end(), [&](const schema::Hold& hold) { return hold.name == name; });
  return found == holds.end() ? nullptr : &*found;
}

template <class Insert>
void append(Database& database,
            RecordKind kind,
            const schema::Author& author,
            schema::WallTime now,
            Insert insert) {
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    const RowId record = append_record(database, kind, now);
    {
      schema::Texts texts(database);
      SQLite::Statement statement(database.sqlite(), std::string(schema::sql::kInsertAuthor));
      schema::insert_author(statement, record, author, texts);
    }
    insert(record);
    database.commit(transaction);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("writing database", database.path(), failure);
  }
}

}  // namespace

void write_hold(Database& database, const schema::Hold& hold) {
  const auto holds = schema::read_holds(database);
  if (const schema::Hold* const known = find(holds, hold.name)) {
    throw Error(ExitCode::Usage,
                fmt::format("adding hold '{}': there is one of that name, made at {}",
                            hold.name,
                            schema::format_utc(known->at)),
                fmt::format("choose another name, or end it first: sockwitness-recorder hold "
                            "remove {} --reason TEXT",
                            hold.name));
  }
  append(database, RecordKind::Hold, hold.author, hold.at, [&](RowId record) {
    schema::insert_hold(database, record, hold);
  });
}

void write_hold_end(Database& database,
                    const std::string& name,
                    const std::string& reason,
                    const schema::Author& author,
                    schema::WallTime now) {
  const auto holds = schema::read_holds(database);
  const schema::Hold* const known = find(holds, name);
  if (known == nullptr) {
    std::vector<std::string> names;
    for (const schema::Hold& hold : holds) {
      names.push_back(hold.name);
    }
    const std::string nearest = schema::nearest_word(name, names);
    throw Error(ExitCode::Usage,
                fmt::format("removing hold '{}': there is none of that name", name),
                nearest.empty() ? "sockwitness-recorder hold list shows them"
                                : fmt::format("did you mean '{}'?", nearest));
  }
  append(database, RecordKind::HoldEnd, author, now, [&](RowId record) {
    schema::insert_hold_end(database, record, known->record, reason);
  });
}

}  // namespace sockwitness::recorder
