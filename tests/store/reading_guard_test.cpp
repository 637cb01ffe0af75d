// What every connection that reads is set to, and what a file cannot make it do.
#include "schema/disk/reading_guard.h"

#include <sqlite3.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "tests/store/history_file.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

int setting(SQLite::Database& sqlite, int option) {
  int value = -1;
  REQUIRE(sqlite3_db_config(sqlite.getHandle(), option, -1, &value) == SQLITE_OK);
  return value;
}

void check_settings(SQLite::Database& sqlite) {
  CHECK(setting(sqlite, SQLITE_DBCONFIG_DEFENSIVE) == 1);
  CHECK(setting(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA) == 0);
  CHECK(setting(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER) == 0);
  CHECK(setting(sqlite, SQLITE_DBCONFIG_ENABLE_VIEW) == 0);
  CHECK(setting(sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION) == 0);
  CHECK(sqlite.execAndGet("PRAGMA mmap_size").getInt() == 0);
  CHECK(sqlite.execAndGet("PRAGMA cell_size_check").getInt() == 1);
  CHECK(sqlite3_limit(sqlite.getHandle(), SQLITE_LIMIT_ATTACHED, -1) == 0);
}

int code_of(SQLite::Database& sqlite, const char* query) {
  try {
    SQLite::Statement statement(sqlite, query);
    while (statement.executeStep()) {
    }
    return SQLITE_OK;
  } catch (const SQLite::Exception& failure) {
    return failure.getErrorCode();
  }
}

}  // namespace

TEST_CASE("every connection runs nothing that a file holds; one that reads is limited") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  (void)write_history(path, 3, 3);
  {
    auto database = schema::Database::open_for_append(path);
    check_settings(database.sqlite());
  }
  auto database = schema::Database::open_for_reading(path);
  SQLite::Database& sqlite = database.sqlite();
  check_settings(sqlite);
  CHECK(sqlite.execAndGet("PRAGMA query_only").getInt() == 1);
  CHECK(code_of(sqlite, "SELECT length(zeroblob(40000000))") == SQLITE_TOOBIG);
  CHECK(code_of(sqlite, "SELECT length(zeroblob(5000000))") == SQLITE_OK);
  CHECK(code_of(sqlite, "ATTACH ':memory:' AS other") == SQLITE_ERROR);
  CHECK(
      code_of(sqlite,
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n") ==
      SQLITE_INTERRUPT);
  CHECK(code_of(sqlite, "SELECT count(*) FROM text AS a, text AS b, text AS c, text AS d") ==
        SQLITE_INTERRUPT);
}

TEST_CASE("many statements may take together what one may not") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  (void)write_history(path, 3, 3);
  auto database = schema::Database::open_for_reading(path);
  // About 60 million steps.
  SQLite::Statement some(
      database.sqlite(),
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 8000) "
      "SELECT count(*) FROM n");
  for (int turn = 0; turn < 500; ++turn) {
    some.reset();
    REQUIRE(some.executeStep());
  }
  CHECK(some.getColumn(0).getInt() == 8000);
}

TEST_CASE("what stops reading is told as what it is") {
  const std::vector<std::pair<int, std::string>> reasons{
      {SQLITE_TOOBIG, "it is too long"},
      {SQLITE_INTERRUPT, "does not come to an end"},
      {SQLITE_NOMEM, "out of memory"},
      {SQLITE_CORRUPT, "the file is damaged"}};
  for (const auto& [code, reason] : reasons) {
    const auto error =
        schema::database_error("reading database", "x.db", SQLite::Exception("because", code));
    INFO(error.message());
    CHECK(error.message().find(reason) != std::string::npos);
    CHECK(error.message().find("reading database 'x.db'") == 0);
    CHECK_FALSE(error.hint().empty());
    CHECK(error.code() == schema::ExitCode::Unusable);
  }
}

}  // namespace sockwitness::test
