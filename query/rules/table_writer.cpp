#include "query/rules/table_writer.h"

#include <algorithm>
#include <stdexcept>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sockwitness::query {
namespace {

std::vector<std::string> read_columns(SQLite::Database& database, const std::string& table) {
  SQLite::Statement statement(database, "SELECT name FROM pragma_table_info(?1)");
  statement.bind(1, table);
  std::vector<std::string> columns;
  while (statement.executeStep()) {
    columns.push_back(statement.getColumn(0).getString());
  }
  return columns;
}

}  // namespace

TableWriter::TableWriter(SQLite::Database& database, const std::string& table)
    : columns_(read_columns(database, table)) {
  const std::vector<char> marks(columns_.size(), '?');
  insert_ = std::make_unique<SQLite::Statement>(
      database, fmt::format("INSERT INTO {} VALUES ({})", table, fmt::join(marks, ",")));
}

TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

TableWriter& TableWriter::number(std::string_view column, std::optional<std::int64_t> value) {
  const int place = next(column);
  if (value) {
    insert_->bind(place, *value);
  } else {
    insert_->bind(place);
  }
  return *this;
}

TableWriter& TableWriter::text(std::string_view column, std::string_view value) {
  const int place = next(column);
  if (value.empty()) {
    insert_->bind(place);
    return *this;
  }
  std::string plain(value);
  std::replace(plain.begin(), plain.end(), '\0', '@');
  insert_->bind(place, plain);
  return *this;
}

void TableWriter::end_row() {
  if (at_ != columns_.size()) {
    throw std::logic_error("a staged row is not complete");
  }
  insert_->exec();
  insert_->reset();
  at_ = 0;
}

int TableWriter::next(std::string_view column) {
  if (at_ >= columns_.size() || columns_[at_] != column) {
    throw std::logic_error(fmt::format("no such column here: {}", column));
  }
  return static_cast<int>(++at_);
}

}  // namespace sockwitness::query
