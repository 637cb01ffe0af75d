#include "schema/disk/long_texts.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/base/pieces.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

// No text of a recorder is longer; a file that says so is not to be believed.
constexpr std::int64_t kLongestStored = std::int64_t{64} << 20U;
constexpr std::size_t kDigest = 32;

[[noreturn]] void throw_damage() {
  throw Error(ExitCode::Unusable,
              "reading a long text of the database: its pieces are not what was stored",
              "the file is damaged or was altered");
}

bool is_length(std::int64_t length) {
  return length >= 0 && length <= kLongestStored;
}

}  // namespace

std::optional<LongText> StoredLength::measure() const {
  if (sha256.empty() || (!head && length <= kAlwaysWhole)) {
    return std::nullopt;
  }
  return LongText{length, sha256, head};
}

std::optional<StoredLength> LongTexts::find(RowId id) {
  LentStatement statement = database_.lend(sql::kReadLongText);
  statement->bind(1, id);
  if (!statement->executeStep()) {
    return std::nullopt;
  }
  RowReader row(*statement);
  StoredLength stored;
  const std::int64_t length = row.integer();
  stored.sha256 = row.bytes();
  const auto head = row.maybe_integer();
  const auto tail = row.maybe_integer();
  const bool whole = !head && !tail;
  const bool ends = head && tail && is_length(*head) && is_length(*tail) &&
                    *head + *tail < length && !stored.sha256.empty();
  if (!is_length(length) || !(whole || ends) ||
      (!stored.sha256.empty() && stored.sha256.size() != kDigest)) {
    throw_damage();
  }
  stored.length = static_cast<std::uint64_t>(length);
  stored.kept = stored.length;
  if (ends) {
    stored.head = static_cast<std::uint64_t>(*head);
    stored.kept = static_cast<std::uint64_t>(*head + *tail);
  }
  return stored;
}

std::string LongTexts::read(RowId id, const StoredLength& stored) {
  LentStatement statement = database_.lend(sql::kReadPieces);
  statement->bind(1, id);
  std::string bytes;
  while (statement->executeStep()) {
    bytes += RowReader(*statement).bytes();
    if (bytes.size() > stored.kept) {
      throw_damage();
    }
  }
  if (bytes.size() != stored.kept) {
    throw_damage();
  }
  return bytes;
}

std::string LongTexts::read_ends(RowId id) {
  std::string head;
  {
    LentStatement statement = database_.lend(sql::kReadPieces);
    statement->bind(1, id);
    while (head.size() < kKeptEnd && statement->executeStep()) {
      head += RowReader(*statement).bytes();
    }
  }
  std::string tail;
  LentStatement statement = database_.lend(sql::kReadLastPieces);
  statement->bind(1, id);
  while (tail.size() < kKeptEnd && statement->executeStep()) {
    tail.insert(0, RowReader(*statement).bytes());
  }
  if (head.size() < kKeptEnd || tail.size() < kKeptEnd) {
    throw_damage();
  }
  return head.substr(0, kKeptEnd) + tail.substr(tail.size() - kKeptEnd);
}

RowId LongTexts::insert(std::int64_t hash,
                        std::string_view bytes,
                        const std::optional<LongText>& measure,
                        const std::function<RowId(std::string_view)>& intern_piece) {
  struct Run {
    RowId first;
    RowId last;
  };
  std::vector<Run> runs;
  for (const std::string_view piece : split_pieces(bytes)) {
    const RowId id = intern_piece(piece);
    if (!runs.empty() && runs.back().last + 1 == id) {
      runs.back().last = id;
    } else {
      runs.push_back({id, id});
    }
  }
  RowId text = 0;
  {
    LentStatement insert_text = database_.lend(sql::kInsertText);
    RowBinder(*insert_text).integer(hash).bytes({}).run();
    text = database_.sqlite().getLastInsertRowid();
  }
  LentStatement insert_length = database_.lend(sql::kInsertLongText);
  RowBinder binder(*insert_length);
  binder.integer(text).integer(static_cast<std::int64_t>(measure ? measure->length : bytes.size()));
  measure ? binder.bytes(measure->sha256) : binder.null();
  if (measure && measure->shortened()) {
    const auto head = static_cast<std::int64_t>(*measure->head);
    binder.integer(head).integer(static_cast<std::int64_t>(bytes.size()) - head);
  } else {
    binder.null().null();
  }
  binder.run();
  LentStatement insert_run = database_.lend(sql::kInsertTextRun);
  for (std::size_t at = 0; at < runs.size(); ++at) {
    RowBinder(*insert_run)
        .integer(text)
        .integer(static_cast<std::int64_t>(at))
        .integer(runs[at].first)
        .integer(runs[at].last)
        .run();
  }
  return text;
}

}  // namespace sockwitness::schema
