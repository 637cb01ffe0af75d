#include "schema/disk/chained_rows.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/chain/canonical_row.h"
#include "schema/chain/merkle.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement prepare(sqlite3* sqlite, std::string_view query) {
  sqlite3_stmt* statement = nullptr;
  if (const int code = sqlite3_prepare_v2(
          sqlite, query.data(), static_cast<int>(query.size()), &statement, nullptr);
      code != SQLITE_OK) {
    throw SQLite::Exception(sqlite, code);
  }
  return Statement(statement);
}

bool step(sqlite3* sqlite, sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    throw SQLite::Exception(sqlite, code);
  }
  return code == SQLITE_ROW;
}

std::string_view bytes_at(sqlite3_stmt* row, int column) {
  const void* data = sqlite3_column_blob(row, column);
  return {static_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

// The first column is the number of the row, once more.
void encode_row(CanonicalRow& canonical, std::string_view table, sqlite3_stmt* row) {
  canonical.begin(table);
  const int columns = sqlite3_column_count(row);
  for (int column = 1; column < columns; ++column) {
    switch (sqlite3_column_type(row, column)) {
      case SQLITE_INTEGER:
        canonical.integer(sqlite3_column_int64(row, column));
        break;
      case SQLITE_FLOAT:
        canonical.real(sqlite3_column_double(row, column));
        break;
      case SQLITE_TEXT:
        canonical.text(bytes_at(row, column));
        break;
      case SQLITE_BLOB:
        canonical.blob(bytes_at(row, column));
        break;
      default:
        canonical.null();
    }
  }
}

std::string select_rows(const ChainedTable& table) {
  std::string query = fmt::format("SELECT {0}, * FROM {1} WHERE {0} >= ?1", table.key, table.name);
  if (table.parts > 0) {
    query += fmt::format(" AND {} = ?2", table.part);
  }
  query += fmt::format(" ORDER BY {}", table.key);
  if (!table.order.empty()) {
    query += fmt::format(", {}", table.order);
  }
  return query;
}

// A thinning may have removed the highest rows of a table; `change` says how far it had risen.
void raise_by_changes(Database& database, Marks& marks) {
  LentStatement thinned = database.lend("SELECT EXISTS (SELECT 1 FROM thin)");
  thinned->executeStep();
  if (thinned->getColumn(0).getInt() == 0) {
    return;
  }
  for (const Entity entity : kEntities) {
    const auto numbering = static_cast<std::uint32_t>(Numbering::Netns) +
                           static_cast<std::uint32_t>(entity) -
                           static_cast<std::uint32_t>(Entity::Netns);
    const RowId last = read_last_id(database, entity, Seq(INT64_MAX));
    if (last > 0) {
      std::int64_t& known = marks[numbering];
      known = std::max(known, last);
    }
  }
}

}  // namespace

Marks read_marks(Database& database) {
  Marks marks;
  LentStatement read = database.lend(sql::kReadMarks);
  if (!read->executeStep()) {
    return marks;
  }
  for (int column = 0; column < read->getColumnCount(); ++column) {
    const auto numbering = parse_number<std::uint32_t>(read->getColumnName(column));
    const std::int64_t mark = read->getColumn(column).getInt64();
    if (numbering && mark > 0) {
      marks[*numbering] = mark;
    }
  }
  // The highest rows of a numbering may have been removed; their numbers are not given again.
  if (const auto kept = read_kept_rows(database.sqlite())) {
    for (const auto& [numbering, mark] : kept->marks) {
      std::int64_t& known = marks[numbering];
      known = std::max(known, mark);
    }
  }
  raise_by_changes(database, marks);
  return marks;
}

Hash hash_row(sqlite3* sqlite, Hasher& hasher, std::string_view table, std::int64_t key) {
  for (const ChainedTable& known : chained_tables()) {
    if (known.name != table) {
      continue;
    }
    const Statement statement = prepare(sqlite, select_rows(known));
    sqlite3_bind_int64(statement.get(), 1, key);
    if (step(sqlite, statement.get()) && sqlite3_column_int64(statement.get(), 0) == key) {
      CanonicalRow canonical;
      encode_row(canonical, table, statement.get());
      return leaf_hash(hasher, canonical.bytes());
    }
  }
  throw Error(ExitCode::Unusable,
              fmt::format("reading the chain of records: '{}' has no row {}", table, key),
              "the file is damaged or was altered; see: sockwitness verify");
}

// One table, or one part of it: a statement that stands at the next row.
class ChainedRows::Cursor {
 public:
  Cursor(const ChainedTable& table, std::uint8_t part) : table_(table), part_(part) {}

  [[nodiscard]] const ChainedTable& table() const { return table_; }
  [[nodiscard]] std::uint32_t numbering() const { return numbering_of(table_, part_); }

  // `reached`: the mark up to which rows were read.
  void read(sqlite3* sqlite,
            std::int64_t reached,
            std::int64_t to,
            CanonicalRow& canonical,
            const std::function<void()>& found) {
    open(sqlite, reached);
    while (has_row_ && key() <= to - offset_of(table_)) {
      encode_row(canonical, table_.name, statement_.get());
      found();
      has_row_ = step(sqlite, statement_.get());
    }
  }

  // The number of the row after the mark; nothing: there is none.
  [[nodiscard]] std::optional<std::int64_t> next(sqlite3* sqlite, std::int64_t reached) {
    open(sqlite, reached);
    return has_row_ ? std::optional(key()) : std::nullopt;
  }

  void release() {
    statement_.reset();
    has_row_ = false;
  }

 private:
  void open(sqlite3* sqlite, std::int64_t reached) {
    if (statement_) {
      return;
    }
    statement_ = prepare(sqlite, select_rows(table_));
    // A number below the first one is no number of ours, and is met first.
    sqlite3_bind_int64(
        statement_.get(),
        1,
        reached == 0 ? std::numeric_limits<std::int64_t>::min() : reached + 1 - offset_of(table_));
    if (part_ > 0) {
      sqlite3_bind_int(statement_.get(), 2, part_);
    }
    has_row_ = step(sqlite, statement_.get());
  }

  // What is no number is above all numbers.
  [[nodiscard]] std::int64_t key() const {
    return sqlite3_column_type(statement_.get(), 0) == SQLITE_INTEGER
               ? sqlite3_column_int64(statement_.get(), 0)
               : std::numeric_limits<std::int64_t>::max();
  }

  const ChainedTable& table_;
  std::uint8_t part_;
  Statement statement_;
  bool has_row_ = false;
};

ChainedRows::ChainedRows(sqlite3* sqlite, Marks from, const Wanted& wanted)
    : sqlite_(sqlite), reached_(std::move(from)) {
  for (const ChainedTable& table : chained_tables()) {
    if (wanted && !wanted(table)) {
      continue;
    }
    for (std::uint8_t part = table.parts > 0 ? 1 : 0; part <= table.parts; ++part) {
      cursors_.emplace_back(table, part);
    }
  }
}

ChainedRows::~ChainedRows() = default;

RowsRoot ChainedRows::read(Hasher& hasher, const Marks& to, const Listener& listener) {
  MerkleRoot root(hasher);
  CanonicalRow canonical;
  for (Cursor& cursor : cursors_) {
    const std::int64_t reached = mark_of(reached_, cursor.numbering());
    const std::int64_t goal = mark_of(to, cursor.numbering());
    if (goal > reached) {
      cursor.read(sqlite_, reached, goal, canonical, [&] {
        if (listener) {
          listener(cursor.table(), canonical.bytes());
        }
        hasher.add(canonical.leaf_bytes());
        root.add_leaf(hasher.finish());
      });
    }
  }
  reached_ = to;
  const std::int64_t leaves = root.leaves();
  return {root.finish(), leaves};
}

void ChainedRows::release() {
  for (Cursor& cursor : cursors_) {
    cursor.release();
  }
}

std::optional<std::string> ChainedRows::find_outside() {
  for (Cursor& cursor : cursors_) {
    if (const auto key = cursor.next(sqlite_, mark_of(reached_, cursor.numbering()))) {
      return fmt::format("{}, {} {}", cursor.table().name, cursor.table().key, *key);
    }
  }
  for (const ChainedTable& table : chained_tables()) {
    for (int part = 0; table.parts > 0 && part <= table.parts; ++part) {
      const std::string above =
          part == table.parts ? std::string() : fmt::format(" AND {} < {}", table.part, part + 1);
      const std::string below =
          part == 0 ? std::string("1") : fmt::format("{} > {}", table.part, part);
      const Statement odd = prepare(
          sqlite_, fmt::format("SELECT 1 FROM {} WHERE {}{} LIMIT 1", table.name, below, above));
      if (step(sqlite_, odd.get())) {
        return fmt::format("{}, a row of an unknown {}", table.name, table.part);
      }
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::schema
