#include "query/seal/row_lookup.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/disk/chained_tables.h"

namespace sockwitness::query {
namespace {

schema::StoredValue value_of(const SQLite::Column& column) {
  if (column.isInteger()) {
    return column.getInt64();
  }
  if (column.isFloat()) {
    return column.getDouble();
  }
  const auto bytes = [&] {
    const void* data = column.getBlob();
    return std::string(static_cast<const char*>(data),
                       data == nullptr ? 0 : static_cast<std::size_t>(column.getBytes()));
  };
  if (column.isText()) {
    return schema::StoredText{bytes()};
  }
  return column.isBlob() ? schema::StoredValue(schema::StoredBlob{bytes()}) : schema::StoredValue();
}

}  // namespace

RowLookup::~RowLookup() = default;

std::vector<schema::StoredRow> RowLookup::read(RowNumber number) {
  std::vector<schema::StoredRow> rows;
  for (const schema::ChainedTable& table : schema::chained_tables()) {
    if (table.parts > 0 || static_cast<std::uint32_t>(table.numbering) != number.numbering) {
      continue;
    }
    auto& statement = statements_[std::string(table.name)];
    if (!statement) {
      statement = std::make_unique<SQLite::Statement>(
          sqlite_, fmt::format("SELECT * FROM {} WHERE {} = ?1", table.name, table.key));
    }
    statement->reset();
    statement->bind(1, number.number);
    while (statement->executeStep()) {
      schema::StoredRow row{std::string(table.name), {}};
      for (int column = 0; column < statement->getColumnCount(); ++column) {
        row.values.push_back(value_of(statement->getColumn(column)));
      }
      rows.push_back(std::move(row));
    }
    statement->reset();
  }
  return rows;
}

}  // namespace sockwitness::query
