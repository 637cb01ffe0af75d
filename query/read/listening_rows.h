// Sockets that waited for peers on ports, of all of history or a part of it.
//
// In:    an open database, rows from one to another, ranges of ports.
// Out:   their rows, found by an index.
// Never: believes the index: it must name the very rows that the digests and the rows themselves
//        have, neither more nor less.
#pragma once

#include <vector>

#include "query/read/block_sieve.h"
#include "schema/disk/row_numbers.h"
#include "schema/model/ids.h"
#include "schema/view/address_pattern.h"

namespace sockwitness::query {

struct ListeningRow {
  schema::RowId id = 0;
  schema::RowId origin = 0;

  friend auto operator<=>(const ListeningRow&, const ListeningRow&) = default;
};

class ListeningRows {
 public:
  // Reads the digests of `rows`, once for all questions.
  ListeningRows(schema::Database& database, RowRange rows);

  // Ascending. `part` lies within the rows of the constructor. Throws schema::Error when the index
  // differs.
  [[nodiscard]] std::vector<ListeningRow> find(const std::vector<schema::PortRange>& ports,
                                               RowRange part);

 private:
  [[nodiscard]] std::vector<schema::RowId> noted(schema::PortRange ports, RowRange part) const;

  schema::Database& database_;
  std::vector<schema::RowNumber> by_port_;
};

}  // namespace sockwitness::query
