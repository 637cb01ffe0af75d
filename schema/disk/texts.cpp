#include "schema/disk/texts.h"

#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
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
  explicit State(SQLite::Database& connection)
      : find(connection, std::string(sql::kFindText)),
        read(connection, std::string(sql::kReadText)),
        sqlite(connection) {}

  SQLite::Statement find;
  SQLite::Statement read;
  SQLite::Database& sqlite;
  std::unique_ptr<SQLite::Statement> insert;  // prepared on first use: a reader must not need it
  std::unordered_map<RowId, std::string> by_id;
  std::unordered_map<std::string, RowId> by_bytes;
};

Texts::Texts(Database& database) : state_(std::make_unique<State>(database.sqlite())) {
}
Texts::Texts(Texts&&) noexcept = default;
Texts& Texts::operator=(Texts&&) noexcept = default;
Texts::~Texts() = default;

const std::string& Texts::get(RowId id) {
  const auto known = state_->by_id.find(id);
  if (known != state_->by_id.end()) {
    return known->second;
  }
  state_->read.reset();
  state_->read.bind(1, id);
  if (!state_->read.executeStep()) {
    throw Error(ExitCode::Unusable,
                "reading a text of the database: it is referred to and not there",
                "the file is damaged or was altered");
  }
  std::string bytes(RowReader(state_->read).bytes());
  state_->read.reset();
  return state_->by_id.emplace(id, std::move(bytes)).first->second;
}

std::string Texts::get_or_empty(std::optional<RowId> id) {
  return id ? get(*id) : std::string();
}

RowId Texts::intern(std::string_view bytes) {
  const std::string key(bytes);
  if (const auto known = state_->by_bytes.find(key); known != state_->by_bytes.end()) {
    return known->second;
  }
  const std::int64_t hash = hash_bytes(bytes);
  state_->find.reset();
  state_->find.bind(1, hash);
  std::optional<RowId> id;
  while (!id && state_->find.executeStep()) {
    RowReader row(state_->find);
    const RowId candidate = row.integer();
    if (row.bytes() == bytes) {
      id = candidate;
    }
  }
  state_->find.reset();
  if (!id) {
    if (!state_->insert) {
      state_->insert =
          std::make_unique<SQLite::Statement>(state_->sqlite, std::string(sql::kInsertText));
    }
    RowBinder(*state_->insert).integer(hash).bytes(bytes).run();
    id = state_->sqlite.getLastInsertRowid();
  }
  state_->by_bytes.emplace(key, *id);
  return *id;
}

std::optional<RowId> Texts::intern_unless_empty(std::string_view bytes) {
  return bytes.empty() ? std::nullopt : std::optional<RowId>(intern(bytes));
}

}  // namespace sockwitness::schema
