// A row as a line of a sealed export, with the way from it to the root of its record.
//
// In:    a line, from wherever it comes; the columns that tables have.
// Out:   what it says; the same line again.
// Never: takes a line that format_sealed_row() would not give, or a column of another name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/chain/hasher.h"
#include "schema/chain/stored_row.h"

namespace sockwitness::query {

// By the name of the table, in the order of its definition.
using TableColumns = std::map<std::string, std::vector<std::string>, std::less<>>;

// Of this version of the format.
[[nodiscard]] TableColumns read_table_columns();

struct RowProof {
  std::uint64_t place = 0;         // among the leaves of its record, from 0
  std::vector<schema::Hash> path;  // from below
};

struct SealedRow {
  std::int64_t record = 0;
  std::optional<RowProof> proof;  // nothing: all rows of its record are there, in their order
  schema::StoredRow row;          // a value for each column that its table had then
};

// Without a line break. Precondition: a table of `columns`, with at most so many values.
[[nodiscard]] std::string format_sealed_row(const SealedRow& row, const TableColumns& columns);
[[nodiscard]] std::optional<SealedRow> parse_sealed_row(std::string_view line,
                                                        const TableColumns& columns);

}  // namespace sockwitness::query
