#include "schema/disk/texts.h"

#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/long_texts.h"
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

// A shortened text is never one row, however little of it is kept.
bool is_one_row(std::string_view bytes, const std::optional<LongText>& measure) {
  return bytes.size() <= kOneRow && !measure;
}

}  // namespace

struct Texts::State {
  State(Database& connection, LineLimits line_limits)
      : database(connection), limits(line_limits), long_texts(connection) {}

  Database& database;
  LineLimits limits;
  LongTexts long_texts;
  std::uint64_t long_bytes = 0;  // of the lines of this snapshot
  std::unordered_map<RowId, std::string> by_id;
  std::unordered_map<std::string, RowId> by_bytes;
};

Texts::Texts(Database& database, LineLimits limits)
    : state_(std::make_unique<State>(database, limits)) {
}
Texts::Texts(Texts&&) noexcept = default;
Texts& Texts::operator=(Texts&&) noexcept = default;
Texts::~Texts() = default;

// The bytes of its row, which a long text has not.
std::string Texts::read(RowId id) {
  LentStatement statement = state_->database.lend(sql::kReadText);
  statement->bind(1, id);
  if (!statement->executeStep()) {
    throw Error(ExitCode::Unusable,
                "reading a text of the database: it is referred to and not there",
                "the file is damaged or was altered");
  }
  return std::string(RowReader(*statement).bytes());
}

const std::string& Texts::get(RowId id) {
  const auto known = state_->by_id.find(id);
  if (known != state_->by_id.end()) {
    return known->second;
  }
  std::string bytes = read(id);
  if (bytes.empty()) {
    if (const auto stored = state_->long_texts.find(id)) {
      bytes = state_->long_texts.read(id, *stored);
    }
  }
  return state_->by_id.emplace(id, std::move(bytes)).first->second;
}

std::string Texts::get_or_empty(std::optional<RowId> id) {
  return id ? get(*id) : std::string();
}

Texts::Line Texts::get_line(RowId id) {
  if (const auto known = state_->by_id.find(id); known != state_->by_id.end()) {
    return {known->second, std::nullopt};
  }
  std::string bytes = read(id);
  const auto stored = bytes.empty() ? state_->long_texts.find(id) : std::nullopt;
  if (!stored) {
    return {state_->by_id.emplace(id, std::move(bytes)).first->second, std::nullopt};
  }
  Line line{{}, stored->measure()};
  if (!line.measure) {
    return {get(id), std::nullopt};
  }
  if (!stored->head && stored->length > state_->limits.whole) {
    line.bytes = state_->long_texts.read_ends(id);
    line.measure->head = kKeptEnd;
  } else {
    line.bytes = state_->long_texts.read(id, *stored);
  }
  state_->long_bytes += line.bytes.size();
  if (state_->long_bytes > state_->limits.together) {
    throw Error(ExitCode::Unusable,
                "reading the database: the command lines of a snapshot are longer than any "
                "recorder keeps them",
                "the file is damaged or was altered");
  }
  return line;
}

void Texts::begin_snapshot() {
  state_->long_bytes = 0;
}

std::optional<RowId> Texts::find(std::int64_t hash,
                                 std::string_view bytes,
                                 const std::optional<LongText>& measure) {
  const bool one_row = is_one_row(bytes, measure);
  std::vector<RowId> candidates;
  {
    LentStatement statement = state_->database.lend(sql::kFindText);
    statement->bind(1, hash);
    while (statement->executeStep()) {
      RowReader row(*statement);
      const RowId candidate = row.integer();
      const std::string_view there = row.bytes();
      if (one_row && !bytes.empty() && there == bytes) {
        return candidate;
      }
      // Long before there were pieces, and not measured.
      if (!one_row && !measure && there == bytes) {
        return candidate;
      }
      if (there.empty()) {
        candidates.push_back(candidate);
      }
    }
  }
  for (const RowId candidate : candidates) {
    const auto stored = state_->long_texts.find(candidate);
    if (one_row ? !stored && bytes.empty()
                : stored && stored->measure() == measure && stored->kept == bytes.size() &&
                      state_->long_texts.read(candidate, *stored) == bytes) {
      return candidate;
    }
  }
  return std::nullopt;
}

RowId Texts::store_short(std::string_view bytes) {
  const std::int64_t hash = hash_bytes(bytes);
  if (const auto id = find(hash, bytes, std::nullopt)) {
    return *id;
  }
  LentStatement insert = state_->database.lend(sql::kInsertText);
  RowBinder(*insert).integer(hash).bytes(bytes).run();
  return state_->database.sqlite().getLastInsertRowid();
}

RowId Texts::intern(std::string_view bytes) {
  return intern_line(bytes, std::nullopt);
}

RowId Texts::intern_line(std::string_view bytes, const std::optional<LongText>& measure) {
  if (!is_one_row(bytes, measure)) {
    const std::int64_t hash = hash_bytes(bytes);
    if (const auto id = find(hash, bytes, measure)) {
      return *id;
    }
    return state_->long_texts.insert(
        hash, bytes, measure, [this](std::string_view piece) { return store_short(piece); });
  }
  std::string key(bytes);
  if (const auto known = state_->by_bytes.find(key); known != state_->by_bytes.end()) {
    return known->second;
  }
  const RowId id = store_short(bytes);
  state_->by_bytes.emplace(std::move(key), id);
  return id;
}

std::optional<RowId> Texts::intern_unless_empty(std::string_view bytes) {
  return bytes.empty() ? std::nullopt : std::optional<RowId>(intern(bytes));
}

}  // namespace sockwitness::schema
