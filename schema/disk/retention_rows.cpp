#include "schema/disk/retention_rows.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"

namespace sockwitness::schema {
namespace {

Author read_author(RowReader& row, Texts& texts) {
  Author author;
  author.uid = Uid(row.number<std::uint32_t>());
  author.user = texts.get(row.integer());
  if (const auto login = row.maybe_integer()) {
    author.login_user = texts.get(*login);
  }
  return author;
}

}  // namespace

std::optional<KeptRows> read_kept_rows(SQLite::Database& sqlite) {
  SQLite::Statement statement(sqlite, std::string(sql::kReadLastPrune));
  if (!statement.executeStep()) {
    return std::nullopt;
  }
  RowReader row(statement);
  KeptRows kept;
  kept.until_record = row.integer();
  kept.leaves = row.integer();
  const auto root = from_bytes<32>(row.bytes());
  const auto marks = decode_advance({}, row.bytes());
  kept.pruned_until = Seq(row.integer());
  if (!root || !marks) {
    throw Error(ExitCode::Unusable,
                "reading what was pruned from the database: a row is not of the form that it has",
                "the file is damaged or was altered; see: sockwitness verify");
  }
  kept.root = *root;
  kept.marks = *marks;
  return kept;
}

std::vector<Prune> read_prunes(Database& database) {
  try {
    Texts texts(database);
    SQLite::Statement statement(database.sqlite(), std::string(sql::kReadPrunes));
    std::vector<Prune> prunes;
    while (statement.executeStep()) {
      RowReader row(statement);
      Prune prune;
      prune.snapshots.first = Seq(row.integer());
      prune.snapshots.last = Seq(row.integer());
      prune.began = WallTime{row.integer()};
      prune.ended = WallTime{row.integer()};
      prune.removed = row.integer();
      prune.policy = texts.get(row.integer());
      prune.at = WallTime{row.integer()};
      prune.author = read_author(row, texts);
      prunes.push_back(std::move(prune));
    }
    return prunes;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::vector<Thin> read_thins(Database& database) {
  try {
    Texts texts(database);
    SQLite::Statement statement(database.sqlite(), std::string(sql::kReadThins));
    std::vector<Thin> thins;
    while (statement.executeStep()) {
      RowReader row(statement);
      Thin thin;
      thin.snapshots.first = Seq(row.integer());
      thin.snapshots.last = Seq(row.integer());
      thin.began = WallTime{row.integer()};
      thin.ended = WallTime{row.integer()};
      thin.step_us = row.integer();
      thin.thinned = row.integer();
      thin.removed = row.integer();
      thin.policy = texts.get(row.integer());
      thin.at = WallTime{row.integer()};
      thin.author = read_author(row, texts);
      thins.push_back(std::move(thin));
    }
    return thins;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::vector<Hold> read_holds(Database& database) {
  try {
    Texts texts(database);
    SQLite::Statement statement(database.sqlite(), std::string(sql::kReadHolds));
    std::vector<Hold> holds;
    while (statement.executeStep()) {
      RowReader row(statement);
      Hold hold;
      hold.record = row.integer();
      hold.name = texts.get(row.integer());
      hold.snapshots.first = Seq(row.integer());
      hold.snapshots.last = Seq(row.integer());
      hold.reason = texts.get(row.integer());
      hold.at = WallTime{row.integer()};
      hold.author = read_author(row, texts);
      holds.push_back(std::move(hold));
    }
    return holds;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

void insert_prune(Database& database, RowId record, const Prune& prune, const KeptRows& kept) {
  Texts texts(database);
  const RowId policy = texts.intern(prune.policy);
  const std::string marks = encode_advance({}, kept.marks);
  SQLite::Statement insert(database.sqlite(), std::string(sql::kInsertPrune));
  RowBinder(insert)
      .integer(record)
      .integer(prune.snapshots.first.value())
      .integer(prune.snapshots.last.value())
      .integer(prune.began.microseconds)
      .integer(prune.ended.microseconds)
      .integer(prune.removed)
      .integer(kept.until_record)
      .integer(kept.leaves)
      .bytes(bytes_of(kept.root))
      .bytes(marks)
      .integer(policy)
      .run();
}

void insert_thin(Database& database,
                 RowId record,
                 const Thin& thin,
                 const std::vector<ThinnedSpan>& spans) {
  Texts texts(database);
  const RowId policy = texts.intern(thin.policy);
  SQLite::Statement insert(database.sqlite(), std::string(sql::kInsertThin));
  RowBinder(insert)
      .integer(record)
      .integer(thin.snapshots.first.value())
      .integer(thin.snapshots.last.value())
      .integer(thin.began.microseconds)
      .integer(thin.ended.microseconds)
      .integer(thin.step_us)
      .integer(thin.thinned)
      .integer(thin.removed)
      .integer(policy)
      .run();
  SQLite::Statement insert_span(database.sqlite(), std::string(sql::kInsertThinSpan));
  for (const ThinnedSpan& span : spans) {
    insert_span.reset();
    RowBinder(insert_span)
        .integer(record)
        .integer(span.snapshots.first.value())
        .integer(span.snapshots.last.value())
        .integer(span.first_record)
        .integer(span.last_record)
        .integer(span.leaves)
        .bytes(bytes_of(span.root))
        .run();
  }
}

void insert_hold(Database& database, RowId record, const Hold& hold) {
  Texts texts(database);
  const RowId name = texts.intern(hold.name);
  const RowId reason = texts.intern(hold.reason);
  SQLite::Statement insert(database.sqlite(), std::string(sql::kInsertHold));
  RowBinder(insert)
      .integer(record)
      .integer(name)
      .integer(hold.snapshots.first.value())
      .integer(hold.snapshots.last.value())
      .integer(reason)
      .run();
}

void insert_hold_end(Database& database, RowId record, RowId hold, std::string_view reason) {
  Texts texts(database);
  const RowId why = texts.intern(reason);
  SQLite::Statement insert(database.sqlite(), std::string(sql::kInsertHoldEnd));
  RowBinder(insert).integer(record).integer(hold).integer(why).run();
}

}  // namespace sockwitness::schema
