#include "schema/disk/connection.h"

#include <sqlite3.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/disk/database_file.h"
#include "schema/disk/directory_sync.h"
#include "schema/disk/file_head.h"
#include "schema/disk/migrate.h"
#include "schema/disk/quiet_open.h"
#include "schema/disk/settings.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// SQLite takes a name in other letters for the same; the statement that made the thing has its own.
bool has_other_names(SQLite::Database& sqlite) {
  return sqlite
             .execAndGet(
                 "SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL "
                 "AND (instr(sql, name) = 0 OR instr(sql, tbl_name) = 0)")
             .getInt() != 0;
}

void require_schema(const std::string& path, SQLite::Database& sqlite, std::string_view expected) {
  if (describe_schema(sqlite) != expected || has_other_names(sqlite)) {
    const Error refusal = unusable(path,
                                   "its tables are not those of a sockwitness database",
                                   "it is damaged or was altered; nothing was changed");
    throw ForeignSchema(refusal.code(), refusal.message(), refusal.hint());
  }
}

// A connection belongs to one thread at a time. SQLite's own lock, taken anew for every column of
// every row, was a fifth of the price of loading a snapshot.
constexpr int kFlags = SQLITE_OPEN_NOMUTEX;

std::unique_ptr<SQLite::Database> configure(const std::string& path,
                                            std::unique_ptr<SQLite::Database> sqlite) {
  make_safe(path, *sqlite);
  return sqlite;
}

}  // namespace

std::unique_ptr<SQLite::Database> open_connection(const std::string& path,
                                                  int flags,
                                                  int busy_timeout_ms) {
  make_sqlite_quiet();
  watch_directory_syncs();
  // A distribution may have told SQLite to read every name as a URI: one with a slash first is
  // none.
  const std::string literal = path.starts_with('/') ? path : "./" + path;
  return configure(path,
                   std::make_unique<SQLite::Database>(literal, flags | kFlags, busy_timeout_ms));
}

std::unique_ptr<SQLite::Database> open_memory() {
  return configure(
      ":memory:",
      std::make_unique<SQLite::Database>(
          ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | kFlags));
}

std::string read_head(SQLite::Database& sqlite) {
  sqlite3_file* file = nullptr;
  std::string bytes(kFileHeadSize, '\0');
  if (sqlite3_file_control(sqlite.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) !=
          SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0) != SQLITE_OK) {
    bytes.clear();
  }
  return bytes;
}

void require_whole(const std::string& path, SQLite::Database& sqlite) {
  const std::string verdict = sqlite.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict != "ok") {
    throw unusable(path,
                   fmt::format("the file is damaged ({})", verdict),
                   "nothing was changed; keep the file as evidence and use a backup");
  }
}

void require_our_schema(const std::string& path, SQLite::Database& sqlite) {
  require_schema(path, sqlite, sql::kLatest);
}

void require_known_schema(const std::string& path, SQLite::Database& sqlite) {
  const int version = sqlite.execAndGet("PRAGMA user_version").getInt();
  if (version == kFormatVersion) {
    require_our_schema(path, sqlite);
  } else {
    require_schema(path, sqlite, describe_version(version));
  }
}

}  // namespace sockwitness::schema
