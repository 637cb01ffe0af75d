// Rows into one staged table, column by column with their names.
//
// In:    a database in memory, a table that is there.
// Out:   rows.
// Never: a value under another column's name: each call says which column it fills, in the order of
//        the table, and a wrong one stops the program.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace sockwitness::query {

class TableWriter {
 public:
  TableWriter(SQLite::Database& database, const std::string& table);
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) = delete;
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  ~TableWriter();

  TableWriter& number(std::string_view column, std::optional<std::int64_t> value);
  // A number that the kernel gives as 64 bits.
  TableWriter& bits(std::string_view column, std::uint64_t value) {
    return number(column, static_cast<std::int64_t>(value));
  }
  TableWriter& flag(std::string_view column, std::optional<bool> value) {
    return number(column, value ? std::optional<std::int64_t>(*value ? 1 : 0) : std::nullopt);
  }
  // An empty text is NULL. NUL bytes, which SQL's functions end at, become '@', as the kernel
  // shows abstract names.
  TableWriter& text(std::string_view column, std::string_view value);

  void end_row();

 private:
  int next(std::string_view column);

  std::vector<std::string> columns_;
  std::unique_ptr<SQLite::Statement> insert_;
  std::size_t at_ = 0;
};

}  // namespace sockwitness::query
