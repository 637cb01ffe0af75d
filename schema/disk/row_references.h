// Which columns of the tables name rows of other tables, or of their own.
//
// In:    a row.
// Out:   the numbers that it names, by their numbering.
// Never: leaves a column out: a test compares with the schema and FORMAT.md.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "schema/chain/marks.h"
#include "schema/chain/stored_row.h"

namespace sockwitness::schema {

struct RowReference {
  std::string_view table;
  std::string_view column;
  std::uint8_t place;   // of the column, from 0
  Numbering numbering;  // of what it names
};

[[nodiscard]] std::span<const RowReference> row_references();

// NULL names nothing. A run of pieces of a text names all of them.
void visit_references(const StoredRow& row,
                      const std::function<void(Numbering, std::int64_t number)>& visit);

}  // namespace sockwitness::schema
