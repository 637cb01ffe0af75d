// Some rows of a table, each with a number, as bytes: ascending differences of ids and the numbers,
// in base 128 by turns.
//
// In:    rows in ascending order, numbers that are not negative.
// Out:   two or three bytes a row when they lie close together.
// Never: accepts bytes that are cut off, overlong or not ascending: that is damage, not fewer rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/disk/id_list.h"

namespace sockwitness::schema {

struct RowNumber {
  RowId row = 0;
  std::int64_t number = 0;

  friend bool operator==(const RowNumber&, const RowNumber&) = default;
};

// All rows come after `before`.
[[nodiscard]] std::string encode_row_numbers(RowId before, const std::vector<RowNumber>& ascending);
[[nodiscard]] std::optional<std::vector<RowNumber>> decode_row_numbers(RowId before,
                                                                       std::string_view bytes);

}  // namespace sockwitness::schema
