#include "recorder/write/unused_rows.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/sql.h"
#include "schema/base/error.h"
#include "schema/disk/chained_tables.h"
#include "schema/disk/database.h"
#include "schema/disk/id_list.h"

namespace sockwitness::recorder {
namespace {

using schema::RowId;

// Which rows of a table are referred to, by number.
class Used {
 public:
  Used(schema::Database& database, std::string_view table, RowId last)
      : sqlite_(database.sqlite()), table_(table) {
    if (!database.has_room_for(last)) {
      throw schema::Error(schema::ExitCode::Unusable,
                          fmt::format("pruning: table '{}' has rows that cannot be there", table),
                          "the file is damaged or was altered; see: sockwitness verify");
    }
    used_.assign(static_cast<std::size_t>(std::max(last, RowId{0})) + 1, false);
  }

  void note(RowId first, RowId last) {
    const RowId end = std::min(last, static_cast<RowId>(used_.size()) - 1);
    for (RowId id = std::max(first, RowId{1}); id <= end; ++id) {
      used_[static_cast<std::size_t>(id)] = true;
    }
  }
  [[nodiscard]] bool is(RowId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < used_.size() &&
           used_[static_cast<std::size_t>(id)];
  }

  // What the foreign keys of the tables say; `but` are tables whose rows go with the row, and rows
  // up to `since` refer to none that counts.
  void note_references(std::initializer_list<std::string_view> but, const schema::Marks& since) {
    SQLite::Statement columns(
        sqlite_,
        "SELECT t.name, f.\"from\" FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f "
        "WHERE t.type = 'table' AND f.\"table\" = ?1 ORDER BY t.name, f.\"from\"");
    columns.bind(1, std::string(table_));
    std::vector<std::pair<std::string, std::string>> found;
    while (columns.executeStep()) {
      found.emplace_back(columns.getColumn(0).getString(), columns.getColumn(1).getString());
    }
    for (const auto& [table, column] : found) {
      if (std::find(but.begin(), but.end(), table) == but.end()) {
        note_column(table, column, since);
      }
    }
  }

  // Calls `remove(first, last)` for each range without a row that is referred to.
  template <class Remove>
  void remove_others(Remove remove) {
    note_highest();
    const auto size = static_cast<RowId>(used_.size());
    remove_within(1, size - 1, remove);
  }
  template <class Remove>
  void remove_others(const std::vector<MarkRange>& ranges,
                     schema::Numbering numbering,
                     Remove remove) {
    note_highest();
    for (const MarkRange& range : ranges) {
      remove_within(schema::mark_of(range.first, static_cast<std::uint32_t>(numbering)) + 1,
                    schema::mark_of(range.last, static_cast<std::uint32_t>(numbering)),
                    remove);
    }
  }

 private:
  void note_highest() {
    SQLite::Statement highest(sqlite_, fmt::format("SELECT max(id) FROM {}", table_));
    highest.executeStep();
    const RowId top = highest.getColumn(0).getInt64();  // NULL is 0
    note(top, top);
  }

  template <class Remove>
  void remove_within(RowId first, RowId end, Remove& remove) {
    while (first <= end) {
      if (is(first)) {
        ++first;
        continue;
      }
      RowId last = first;
      while (last < end && !is(last + 1)) {
        ++last;
      }
      remove(first, last);
      first = last + 1;
    }
  }

  void note_column(const std::string& table,
                   const std::string& column,
                   const schema::Marks& since) {
    const auto tables = schema::chained_tables();
    const auto known = std::find_if(
        tables.begin(), tables.end(), [&](const auto& each) { return each.name == table; });
    const std::int64_t mark =
        known == tables.end() || known->parts > 0
            ? 0
            : schema::mark_of(since, static_cast<std::uint32_t>(known->numbering));
    SQLite::Statement read(
        sqlite_,
        mark > 0
            ? fmt::format("SELECT {0} FROM {1} NOT INDEXED WHERE {2} > {3} AND {0} IS NOT NULL",
                          column,
                          table,
                          known->key,
                          mark)
            : fmt::format("SELECT {0} FROM {1} NOT INDEXED WHERE {0} IS NOT NULL", column, table));
    while (read.executeStep()) {
      const RowId id = read.getColumn(0).getInt64();
      note(id, id);
    }
  }

  SQLite::Database& sqlite_;
  std::string_view table_;
  std::vector<bool> used_;
};

class Removal {
 public:
  Removal(schema::Database& database, std::initializer_list<std::string_view> statements) {
    for (const std::string_view statement : statements) {
      statements_.emplace_back(database.sqlite(), std::string(statement));
    }
  }

  void operator()(RowId first, RowId last) {
    for (SQLite::Statement& statement : statements_) {
      statement.reset();
      statement.bind(1, first);
      statement.bind(2, last);
      statement.exec();
    }
  }

 private:
  std::vector<SQLite::Statement> statements_;
};

RowId mark(const schema::Marks& marks, schema::Numbering numbering) {
  return schema::mark_of(marks, static_cast<std::uint32_t>(numbering));
}

void remove_unused(schema::Database& database,
                   std::string_view table,
                   RowId last,
                   std::string_view statement) {
  Used used(database, table, last);
  used.note_references({}, {});
  used.remove_others(Removal(database, {statement}));
}

// A long text is put together from others.
void remove_unused_texts(schema::Database& database, RowId last) {
  Used used(database, "text", last);
  used.note_references({"long_text", "text_run"}, {});
  SQLite::Statement pieces(database.sqlite(), "SELECT text, first, last FROM text_run");
  while (pieces.executeStep()) {
    const RowId text = pieces.getColumn(0).getInt64();
    if (text > last || used.is(text)) {
      used.note(pieces.getColumn(1).getInt64(), pieces.getColumn(2).getInt64());
    }
  }
  used.remove_others(Removal(database, {sql::kPruneTextRun, sql::kPruneLongText, sql::kPruneText}));
}

// Of the first to the last of them.
schema::Marks first_of(const std::vector<MarkRange>& ranges) {
  return ranges.front().first;
}
RowId last_of(const std::vector<MarkRange>& ranges, schema::Numbering numbering) {
  return mark(ranges.back().last, numbering);
}

void remove_unused_of(schema::Database& database,
                      std::string_view table,
                      const std::vector<MarkRange>& ranges,
                      schema::Numbering numbering,
                      std::string_view statement) {
  Used used(database, table, last_of(ranges, numbering));
  used.note_references({}, first_of(ranges));
  used.remove_others(ranges, numbering, Removal(database, {statement}));
}

// Whether a row is in one of them.
bool is_within(const std::vector<MarkRange>& ranges, schema::Numbering numbering, RowId id) {
  const auto range =
      std::lower_bound(ranges.begin(), ranges.end(), id, [&](const MarkRange& each, RowId wanted) {
        return mark(each.last, numbering) < wanted;
      });
  return range != ranges.end() && id > mark(range->first, numbering);
}

}  // namespace

void remove_unused_rows(schema::Database& database, const schema::Marks& marks) {
  using schema::Numbering;
  remove_unused(database, "context", mark(marks, Numbering::Context), sql::kPruneContext);
  remove_unused(database, "program", mark(marks, Numbering::Program), sql::kPruneProgram);
  remove_unused(database, "container", mark(marks, Numbering::Container), sql::kPruneContainer);
  remove_unused_texts(database, mark(marks, Numbering::Text));
}

void remove_unused_rows_of(schema::Database& database, const std::vector<MarkRange>& ranges) {
  using schema::Numbering;
  remove_unused_of(database, "program", ranges, Numbering::Program, sql::kPruneProgram);
  remove_unused_of(database, "container", ranges, Numbering::Container, sql::kPruneContainer);
  Used used(database, "text", last_of(ranges, Numbering::Text));
  used.note_references({"long_text", "text_run"}, first_of(ranges));
  SQLite::Statement pieces(database.sqlite(), "SELECT text, first, last FROM text_run");
  while (pieces.executeStep()) {
    const RowId text = pieces.getColumn(0).getInt64();
    if (used.is(text) || !is_within(ranges, Numbering::Text, text)) {
      used.note(pieces.getColumn(1).getInt64(), pieces.getColumn(2).getInt64());
    }
  }
  used.remove_others(ranges,
                     Numbering::Text,
                     Removal(database, {sql::kPruneTextRun, sql::kPruneLongText, sql::kPruneText}));
}

}  // namespace sockwitness::recorder
