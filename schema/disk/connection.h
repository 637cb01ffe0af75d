// A connection of SQLite as all of ours are: the path is only a path, nothing in the file runs.
//
// In:    a path, flags of sqlite3_open_v2.
// Out:   a connection without triggers, views, attached files and mapped memory.
// Never: takes "file:…" or ":memory:" for anything but a name of a file; changes the file.
#pragma once

#include <memory>
#include <string>

#include "schema/base/error.h"

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

// The tables, indexes, views or triggers are not those of any file of ours.
class ForeignSchema : public Error {
 public:
  using Error::Error;
};

// Throws SQLite::Exception.
[[nodiscard]] std::unique_ptr<SQLite::Database> open_connection(const std::string& path,
                                                                int flags,
                                                                int busy_timeout_ms = 0);

// The first bytes of the file, at most kFileHeadSize, by way of SQLite's own descriptor: to close
// another one would give up its locks. Source: "How To Corrupt An SQLite Database File", 2.2.
[[nodiscard]] std::string read_head(SQLite::Database& sqlite);

// Throws Error.
void require_whole(const std::string& path, SQLite::Database& sqlite);
// To a new database in memory. Throws SQLite::Exception.
[[nodiscard]] std::unique_ptr<SQLite::Database> open_memory();

// That of the newest version. Throws ForeignSchema.
void require_our_schema(const std::string& path, SQLite::Database& sqlite);
// That of the version which the file says it has: every step of the ladder is a database of ours,
// as is a file that has no table yet. Throws ForeignSchema.
void require_known_schema(const std::string& path, SQLite::Database& sqlite);

}  // namespace sockwitness::schema
