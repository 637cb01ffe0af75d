#include "recorder/write/whole_file.h"

#include <sqlite3.h>

#include <utility>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/connection.h"

namespace sockwitness::recorder {

using schema::Database;

void begin_pruning(Database& database) {
  try {
    database.sqlite().exec("PRAGMA foreign_keys = OFF; PRAGMA secure_delete = ON");
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("pruning database", database.path(), failure);
  }
}

Database copy_to_memory(Database& database) {
  try {
    auto memory = schema::open_memory();
    SQLite::Backup(*memory, database.sqlite()).executeStep();
    return Database::around(database.path(), std::move(memory));
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

std::string write_anew(Database& database) {
  sqlite3* const sqlite = database.sqlite().getHandle();
  // SQLite attaches the copy that it makes.
  const int attached = sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 1);
  std::string why;
  try {
    database.sqlite().exec("VACUUM");
  } catch (const SQLite::Exception& failure) {
    why = failure.what();
  }
  sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, attached);
  return why;
}

}  // namespace sockwitness::recorder
