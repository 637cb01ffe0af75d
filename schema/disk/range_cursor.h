// Visits the rows of given ids with few range queries: living rows lie close together.
//
// In:    a statement that selects rows WHERE id BETWEEN ?1 AND ?2 ORDER BY id, its first column the
//        id; ascending ids.
// Out:   one call per id that has a row, in order.
// Never: visits a row that was not asked for.
#pragma once

#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/id_list.h"

namespace sockwitness::schema {

template <class Visit>
void visit_rows(SQLite::Statement& select, const std::vector<RowId>& ascending, Visit visit) {
  constexpr RowId kBridge = 8;  // dead rows stepped over rather than searched past
  std::size_t begin = 0;
  while (begin < ascending.size()) {
    std::size_t end = begin + 1;
    while (end < ascending.size() && ascending[end] - ascending[end - 1] <= kBridge) {
      ++end;
    }
    select.reset();
    select.bind(1, ascending[begin]);
    select.bind(2, ascending[end - 1]);
    while (select.executeStep()) {
      const RowId id = select.getColumn(0).getInt64();
      while (begin < end && ascending[begin] < id) {
        ++begin;
      }
      if (begin < end && ascending[begin] == id) {
        visit(select);
      }
    }
    begin = end;
  }
  select.reset();
}

}  // namespace sockwitness::schema
