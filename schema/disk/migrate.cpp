#include "schema/disk/migrate.h"

#include <array>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/settings.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// Step n leads from version n to version n + 1.
constexpr std::array<std::string_view, kFormatVersion> kLadder{sql::k0001Trunk,
                                                               sql::k0002Baseline,
                                                               sql::k0003Deferred,
                                                               sql::k0004LongText,
                                                               sql::k0005Setting,
                                                               sql::k0006Identity,
                                                               sql::k0007Container,
                                                               sql::k0008Forward,
                                                               sql::k0009Chain,
                                                               sql::k0010Retention,
                                                               sql::k0011Thinning};

// A file that were left with another number would not be ours to anybody.
void set(const std::string& name, SQLite::Database& sqlite, const std::string& pragma, int value) {
  sqlite.exec(fmt::format("PRAGMA {} = {}", pragma, value));
  const int told = sqlite.execAndGet("PRAGMA " + pragma).getInt();
  if (told != value) {
    throw setting_not_taken(name, {pragma, std::to_string(told)}, std::to_string(value));
  }
}

void climb(const std::string& name, SQLite::Database& sqlite, int goal) {
  int version = sqlite.execAndGet("PRAGMA user_version").getInt();
  for (; version < goal; ++version) {
    SQLite::Transaction step(sqlite, SQLite::TransactionBehavior::IMMEDIATE);
    sqlite.exec(std::string(kLadder[static_cast<std::size_t>(version)]));
    set(name, sqlite, "application_id", kApplicationId);
    set(name, sqlite, "user_version", version + 1);
    step.commit();
  }
}

}  // namespace

void migrate(const std::string& name, SQLite::Database& sqlite) {
  climb(name, sqlite, kFormatVersion);
}

std::string describe_version(int version) {
  if (version < 0 || version > kFormatVersion) {
    return {};
  }
  SQLite::Database ladder(":memory:", SQLite::OPEN_READWRITE);
  climb("", ladder, version);
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
