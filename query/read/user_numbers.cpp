#include "query/read/user_numbers.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history_database.h"
#include "query/read/sql.h"
#include "schema/base/scan.h"
#include "schema/disk/codec.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {

void add_user_numbers(History& history, std::vector<std::string>& words) {
  std::map<std::string, std::optional<schema::Uid>> numbers;
  for (const std::string& word : words) {
    if (!schema::parse_number<std::uint32_t>(word)) {
      numbers.emplace(word, std::nullopt);
    }
  }
  if (numbers.empty()) {
    return;
  }
  history.read([&] {
    schema::Database& database = HistoryDatabase::of(history);
    schema::Texts texts(database);
    SQLite::Statement statement(database.sqlite(), std::string(sql::kScanUserNames));
    while (statement.executeStep()) {
      const schema::UserNameRow row = schema::decode_user_name(statement, texts);
      if (const auto found = numbers.find(row.user.name); found != numbers.end()) {
        found->second = row.user.uid;
      }
    }
  });
  for (const auto& [name, uid] : numbers) {
    if (uid && *uid != schema::kNoUid) {
      words.push_back(std::to_string(uid->value()));
    }
  }
}

}  // namespace sockwitness::query
