// How far every numbering of rows had got at each record.
//
// In:    the marks after each record, in ascending order.
// Out:   those of any record; the record that a row belongs to.
// Never: asks a database.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "schema/chain/marks.h"

namespace sockwitness::query {

// A row of any table that goes by this numbering.
struct RowNumber {
  std::uint32_t numbering = 0;
  std::int64_t number = 0;

  friend auto operator<=>(const RowNumber&, const RowNumber&) = default;
};

class MarkHistory {
 public:
  void add(std::int64_t record, const schema::Marks& after);

  // None before the first record.
  [[nodiscard]] schema::Marks after(std::int64_t record) const;
  // The record that added the rows of that number; 0: none did.
  [[nodiscard]] std::int64_t record_of(RowNumber number) const;

 private:
  // By numbering: marks in ascending order, with the records that they were reached at.
  std::map<std::uint32_t, std::vector<std::pair<std::int64_t, std::int64_t>>> reached_;
};

}  // namespace sockwitness::query
