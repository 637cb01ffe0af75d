// Every table of the file, and which number of a row says to which record it belongs.
//
// In:    nothing.
// Out:   the tables in the order in which their rows are hashed.
// Never: leaves a table out: a test compares with the schema. What is not here is `link` alone,
//        whose columns are what is signed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schema/chain/marks.h"

namespace sockwitness::schema {

struct ChainedTable {
  std::string_view name;
  std::string_view key;    // column with the number
  Numbering numbering;     // of which the number is; for `digest` it is by facet
  std::string_view order;  // the other columns of the primary key, in order
  // Tables whose primary key begins with another column: its values are 1 to this. 0: they do not.
  std::uint8_t parts = 0;
  std::string_view part = {};  // that column
};

[[nodiscard]] std::span<const ChainedTable> chained_tables();

// The numbering of a part of a table, and how far a mark is above the highest number.
[[nodiscard]] std::uint32_t numbering_of(const ChainedTable& table, std::uint8_t part);
[[nodiscard]] std::int64_t offset_of(const ChainedTable& table);

}  // namespace sockwitness::schema
