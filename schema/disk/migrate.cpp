#include "schema/disk/migrate.h"

#include <array>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// Step n leads from version n to version n + 1.
constexpr std::array<std::string_view, kFormatVersion> kLadder{
    sql::k0001Trunk, sql::k0002Baseline, sql::k0003Deferred, sql::k0004LongText};

void climb(SQLite::Database& sqlite, int goal) {
  int version = sqlite.execAndGet("PRAGMA user_version").getInt();
  for (; version < goal; ++version) {
    SQLite::Transaction step(sqlite, SQLite::TransactionBehavior::IMMEDIATE);
    sqlite.exec(std::string(kLadder[static_cast<std::size_t>(version)]));
    sqlite.exec(fmt::format(
        "PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, version + 1));
    step.commit();
  }
}

}  // namespace

void migrate(SQLite::Database& sqlite) {
  climb(sqlite, kFormatVersion);
}

std::string describe_version(int version) {
  if (version < 0 || version > kFormatVersion) {
    return {};
  }
  SQLite::Database ladder(":memory:", SQLite::OPEN_READWRITE);
  climb(ladder, version);
  return describe_schema(ladder);
}

std::string describe_schema(SQLite::Database& sqlite) {
  SQLite::Statement statement(sqlite,
                              "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type "
                              "DESC, name COLLATE BINARY");
  std::string text;
  while (statement.executeStep()) {
    text += statement.getColumn(0).getString();
    text += ";\n";
  }
  return text;
}

}  // namespace sockwitness::schema
