// Which rows from before a range its rows lead to, and the rows that these lead to.
//
// In:    rows, one after the other.
// Out:   the rows of earlier records that belong to them, each once.
// Never: a row of the range itself: those are all there.
#pragma once

#include <cstdint>
#include <set>

#include "query/seal/mark_history.h"
#include "schema/chain/stored_row.h"

namespace sockwitness::query {

// `before`: the marks of the record before the range; what lies above them is in it.
class NeededRows {
 public:
  explicit NeededRows(schema::Marks before) : before_(std::move(before)) {}

  // What the row names.
  void add(const schema::StoredRow& row);
  // The row itself; a row of a key frame, what it lists.
  void add(RowNumber number);
  [[nodiscard]] const std::set<RowNumber>& all() const { return all_; }
  // Those that were not handed out yet.
  [[nodiscard]] std::set<RowNumber> take_new();

 private:
  schema::Marks before_;
  std::set<RowNumber> all_;
  std::set<RowNumber> new_;
};

// The numbering of the tables that hold living things; 0 for another number.
[[nodiscard]] std::uint32_t numbering_of_entity(std::int64_t entity);

// Of a row of `frame`: what it lists; nothing when it is damaged.
[[nodiscard]] bool add_living(const schema::StoredRow& frame, NeededRows& needed);

}  // namespace sockwitness::query
