#include "query/rules/authoriser.h"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "query/rules/functions.h"

namespace sockwitness::query {
namespace {

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return result;
}

std::string_view action_words(int action) {
  switch (action) {
    case SQLITE_ATTACH:
      return "ATTACH";
    case SQLITE_DETACH:
      return "DETACH";
    case SQLITE_PRAGMA:
      return "PRAGMA";
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return "a change of rows";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "a transaction";
    default:
      return "this statement";
  }
}

}  // namespace

Authoriser::Authoriser(sqlite3* connection, const std::vector<std::string>& tables)
    : connection_(connection), tables_(tables) {
  sqlite3_set_authorizer(connection_, &Authoriser::decide, this);
}

Authoriser::~Authoriser() {
  sqlite3_set_authorizer(connection_, nullptr, nullptr);
}

std::set<std::string> Authoriser::take_tables_read() {
  return std::exchange(read_, {});
}

std::string Authoriser::take_refusal() {
  return std::exchange(refusal_, {});
}

int Authoriser::decide(void* self,
                       int action,
                       const char* first,
                       const char* second,
                       const char* /*database*/,
                       const char* /*trigger*/) {
  return static_cast<Authoriser*>(self)->allows(action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

// Source: https://www.sqlite.org/c3ref/c_alter_table.html, "Authorizer Action Codes".
bool Authoriser::allows(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_READ: {
      const std::string table = lower(text_or_empty(first));
      if (std::find(tables_.begin(), tables_.end(), table) != tables_.end()) {
        read_.emplace(table);
        return true;
      }
      // A common table expression of which no column is used, as in "SELECT count(*) FROM pairs",
      // is asked for like a table. The rule may call it as it likes, but not like one of SQLite's.
      if (text_or_empty(second).empty() && !table.starts_with("sqlite_") &&
          !table.starts_with("pragma_")) {
        return true;
      }
      refusal_ = fmt::format("the table '{}'", table);
      return false;
    }
    case SQLITE_FUNCTION: {
      const std::string name = lower(text_or_empty(second));
      const auto& allowed = allowed_functions();
      if (std::binary_search(allowed.begin(), allowed.end(), name)) {
        return true;
      }
      refusal_ = fmt::format("the function '{}'", name);
      return false;
    }
    default:
      if (refusal_.empty()) {
        // Creating, dropping and table-valued functions begin with a change of this table.
        const std::string_view table = text_or_empty(first);
        refusal_ = table == "sqlite_master" || table == "sqlite_temp_master"
                       ? "what is no staged table"
                       : action_words(action);
      }
      return false;
  }
}

}  // namespace sockwitness::query
