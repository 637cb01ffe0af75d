#include "schema/disk/texts.h"

#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// FNV-1a, 64 bits. Source: the parameters of draft-eastlake-fnv.
std::int64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
  }
  return static_cast<std::int64_t>(hash);
}

}  // namespace

struct Texts::State {
  explicit State(Database& connection) : database(connection) {}

  Database& database;
  std::unordered_map<RowId, std::string> by_id;
  std::unordered_map<std::string, RowId> by_bytes;
};

Texts::Texts(Database& database) : state_(std::make_unique<State>(database)) {
}
Texts::Texts(Texts&&) noexcept = default;
Texts& Texts::operator=(Texts&&) noexcept = default;
Texts::~Texts() = default;

const std::string& Texts::get(RowId id) {
  const auto known = state_->by_id.find(id);
  if (known != state_->by_id.end()) {
    return known->second;
  }
  LentStatement read = state_->database.lend(sql::kReadText);
  read->bind(1, id);
  if (!read->executeStep()) {
    throw Error(ExitCode::Unusable,
                "reading a text of the database: it is referred to and not there",
                "the file is damaged or was altered");
  }
  std::string bytes(RowReader(*read).bytes());
  return state_->by_id.emplace(id, std::move(bytes)).first->second;
}

std::string Texts::get_or_empty(std::optional<RowId> id) {
  return id ? get(*id) : std::string();
}

std::optional<RowId> Texts::find(std::int64_t hash, std::string_view bytes) {
  LentStatement statement = state_->database.lend(sql::kFindText);
  statement->bind(1, hash);
  while (statement->executeStep()) {
    RowReader row(*statement);
    const RowId candidate = row.integer();
    if (row.bytes() == bytes) {
      return candidate;
    }
  }
  return std::nullopt;
}

RowId Texts::intern(std::string_view bytes) {
  const std::string key(bytes);
  if (const auto known = state_->by_bytes.find(key); known != state_->by_bytes.end()) {
    return known->second;
  }
  const std::int64_t hash = hash_bytes(bytes);
  std::optional<RowId> id = find(hash, bytes);
  if (!id) {
    LentStatement insert = state_->database.lend(sql::kInsertText);
    RowBinder(*insert).integer(hash).bytes(bytes).run();
    id = state_->database.sqlite().getLastInsertRowid();
  }
  state_->by_bytes.emplace(key, *id);
  return *id;
}

std::optional<RowId> Texts::intern_unless_empty(std::string_view bytes) {
  return bytes.empty() ? std::nullopt : std::optional<RowId>(intern(bytes));
}

}  // namespace sockwitness::schema
