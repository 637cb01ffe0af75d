#include "schema/disk/settings.h"

#include <sqlite3.h>

#include <array>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/disk/database_file.h"

namespace sockwitness::schema {
namespace {

struct Switch {
  const char* name;
  int number;
  int value;
};
constexpr std::array kSwitches{Switch{"defensive", SQLITE_DBCONFIG_DEFENSIVE, 1},
                               Switch{"trusted_schema", SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                               Switch{"triggers", SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                               Switch{"views", SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                               Switch{"writable_schema", SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
                               Switch{"load_extension", SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}};

// Well above what the programs need, far below what a hostile file could ask for.
constexpr std::array kLimits{Switch{"limit_length", SQLITE_LIMIT_LENGTH, 32 << 20},
                             Switch{"limit_sql_length", SQLITE_LIMIT_SQL_LENGTH, 1'000'000},
                             Switch{"limit_column", SQLITE_LIMIT_COLUMN, 200},
                             Switch{"limit_expr_depth", SQLITE_LIMIT_EXPR_DEPTH, 100},
                             Switch{"limit_compound_select", SQLITE_LIMIT_COMPOUND_SELECT, 20},
                             Switch{"limit_vdbe_op", SQLITE_LIMIT_VDBE_OP, 250'000},
                             Switch{"limit_function_arg", SQLITE_LIMIT_FUNCTION_ARG, 16},
                             Switch{"limit_attached", SQLITE_LIMIT_ATTACHED, 0},
                             Switch{"limit_like_pattern", SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
                             Switch{"limit_variable", SQLITE_LIMIT_VARIABLE_NUMBER, 1'000},
                             Switch{"limit_trigger_depth", SQLITE_LIMIT_TRIGGER_DEPTH, 1},
                             Switch{"limit_worker_threads", SQLITE_LIMIT_WORKER_THREADS, 0}};

struct Pragma {
  const char* name;
  const char* value;  // as it is set
  const char* told;   // as SQLite reports it
};
constexpr std::array kSafe{Pragma{"mmap_size", "0", "0"}, Pragma{"cell_size_check", "ON", "1"}};
// Extra is full, and the directory once more when the journal is gone: without it a commit may be
// rolled back after a loss of power.
constexpr std::array kDurable{Pragma{"journal_mode", "DELETE", "delete"},
                              Pragma{"synchronous", "EXTRA", "3"},
                              Pragma{"foreign_keys", "ON", "1"},
                              Pragma{"ignore_check_constraints", "OFF", "0"},
                              Pragma{"locking_mode", "NORMAL", "normal"}};
// What a file is made with: an older one may have been made otherwise.
constexpr std::array kMadeWith{Pragma{"encoding", "'UTF-8'", "UTF-8"},
                               Pragma{"page_size", "4096", "4096"},
                               Pragma{"auto_vacuum", "NONE", "0"}};

std::string read_pragma(SQLite::Database& sqlite, const char* name) {
  SQLite::Statement query(sqlite, fmt::format("PRAGMA {}", name));
  return query.executeStep() ? query.getColumn(0).getString() : std::string();
}

void require(const std::string& path, const Setting& setting, const std::string& wanted) {
  if (setting.value != wanted) {
    throw setting_not_taken(path, setting, wanted);
  }
}

void set(const std::string& path, SQLite::Database& sqlite, const Pragma& pragma) {
  sqlite.exec(fmt::format("PRAGMA {} = {}", pragma.name, pragma.value));
  const std::string told = read_pragma(sqlite, pragma.name);
  // A database in memory, or a library that was built without mapped files, does not tell.
  if (!told.empty() || std::string_view(pragma.name) != "mmap_size") {
    require(path, {pragma.name, told}, pragma.told);
  }
}

int read_switch(SQLite::Database& sqlite, const Switch& entry) {
  int value = -1;
  sqlite3_db_config(sqlite.getHandle(), entry.number, -1, &value);
  return value;
}

int read_limit(SQLite::Database& sqlite, const Switch& entry) {
  return sqlite3_limit(sqlite.getHandle(), entry.number, -1);
}

}  // namespace

void make_safe(const std::string& path, SQLite::Database& sqlite) {
  for (const Switch& entry : kSwitches) {
    sqlite3_db_config(sqlite.getHandle(), entry.number, entry.value, nullptr);
    require(path,
            {entry.name, std::to_string(read_switch(sqlite, entry))},
            std::to_string(entry.value));
  }
  for (const Pragma& pragma : kSafe) {
    set(path, sqlite, pragma);
  }
  for (const Switch& entry : kLimits) {
    sqlite3_limit(sqlite.getHandle(), entry.number, entry.value);
    require(
        path, {entry.name, std::to_string(read_limit(sqlite, entry))}, std::to_string(entry.value));
  }
}

void make_durable(const std::string& path, SQLite::Database& sqlite) {
  if (read_pragma(sqlite, "page_count") == "0") {
    for (const Pragma& pragma : kMadeWith) {
      set(path, sqlite, pragma);
    }
  }
  for (const Pragma& pragma : kDurable) {
    set(path, sqlite, pragma);
  }
}

void make_reading(const std::string& path, SQLite::Database& sqlite) {
  set(path, sqlite, {"query_only", "ON", "1"});
}

std::vector<Setting> read_settings(SQLite::Database& sqlite) {
  std::vector<Setting> settings{{"sqlite_version", sqlite3_libversion()}};
  for (const char* name : {"application_id", "user_version"}) {
    settings.push_back({name, read_pragma(sqlite, name)});
  }
  const auto add = [&](const auto& list) {
    for (const Pragma& pragma : list) {
      settings.push_back({pragma.name, read_pragma(sqlite, pragma.name)});
    }
  };
  add(kMadeWith);
  add(kDurable);
  add(kSafe);
  for (const Switch& entry : kSwitches) {
    settings.push_back({entry.name, std::to_string(read_switch(sqlite, entry))});
  }
  for (const Switch& entry : kLimits) {
    settings.push_back({entry.name, std::to_string(read_limit(sqlite, entry))});
  }
  return settings;
}

Error setting_not_taken(const std::string& path,
                        const Setting& setting,
                        const std::string& wanted) {
  return unusable(path,
                  fmt::format("SQLite {} did not take a setting: {} is '{}', not '{}'",
                              sqlite3_libversion(),
                              setting.name,
                              setting.value,
                              wanted),
                  "nothing was written; this host's SQLite library cannot be relied on");
}

}  // namespace sockwitness::schema
