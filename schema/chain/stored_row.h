// A row as its canonical bytes have it: table and values, without the names of columns.
//
// In:    canonical bytes, from wherever they come.
// Out:   the values; the same bytes again.
// Never: takes bytes that encode_row() would not give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sockwitness::schema {

struct StoredText {
  std::string bytes;  // should be UTF-8, but a file may hold any bytes
  friend bool operator==(const StoredText&, const StoredText&) = default;
};
struct StoredBlob {
  std::string bytes;
  friend bool operator==(const StoredBlob&, const StoredBlob&) = default;
};
// NULL, or what a column can hold.
using StoredValue = std::variant<std::monostate, std::int64_t, double, StoredText, StoredBlob>;

struct StoredRow {
  std::string table;
  std::vector<StoredValue> values;  // by the number of the column

  // Of a column that holds an integer.
  [[nodiscard]] std::optional<std::int64_t> integer(std::size_t column) const;
};

// The last value is not NULL. Nothing for bytes of another form.
[[nodiscard]] std::optional<StoredRow> decode_row(std::string_view canonical);
// Precondition: the name has at most 255 bytes, and there are at most 256 columns.
[[nodiscard]] std::string encode_row(const StoredRow& row);

}  // namespace sockwitness::schema
