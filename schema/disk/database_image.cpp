// The part of Database for files that are only bytes.

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <new>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/connection.h"
#include "schema/disk/database.h"
#include "schema/disk/database_file.h"
#include "schema/disk/file_head.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/migrate.h"

namespace sockwitness::schema {
namespace {

struct FreeBySqlite {
  void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
};

// SQLite takes the copy over, also when it fails.
void put_image(SQLite::Database& sqlite, std::string_view image) {
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
  if (copy == nullptr) {
    throw std::bad_alloc();
  }
  std::memcpy(copy, image.data(), image.size());
  const auto size = static_cast<sqlite3_int64>(image.size());
  const int code =
      sqlite3_deserialize(sqlite.getHandle(),
                          "main",
                          copy,
                          size,
                          size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (code != SQLITE_OK) {
    throw SQLite::Exception(sqlite.getHandle(), code);
  }
}

}  // namespace

Database Database::make_in_memory(const std::string& name) {
  try {
    auto sqlite = open_memory();
    sqlite->exec("PRAGMA page_size = 1024");  // most tables hold little
    migrate(name, *sqlite);
    return {name, std::move(sqlite)};
  } catch (const SQLite::Exception& failure) {
    throw database_error("making database", name, failure);
  }
}

Database Database::open_image(const std::string& name, std::string_view image) {
  const FileBegin begin{image.size(), std::string(image.substr(0, kFileHeadSize))};
  require_ours(name, begin, false);
  if (decode_file_head(begin.head)->write_ahead_log) {
    throw unusable(name, "it was written with a log", "no recorder makes such a file");
  }
  try {
    auto sqlite = open_memory();
    put_image(*sqlite, image);
    // First: the check for damage computes what the file holds.
    require_known_schema(name, *sqlite);
    require_whole(name, *sqlite);
    migrate(name, *sqlite);
    require_our_schema(name, *sqlite);
    return {name, std::move(sqlite)};
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", name, failure);
  }
}

std::string Database::image() {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, FreeBySqlite> bytes(
      sqlite3_serialize(sqlite_->getHandle(), "main", &size, 0));
  if (!bytes) {
    throw std::bad_alloc();
  }
  return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

}  // namespace sockwitness::schema
