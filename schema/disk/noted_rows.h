// Rows of sockets that a digest notes one by one: later versions of a socket, and what listens.
//
// In:    an open database, one of these two facets, rows from one to another.
// Out:   those of them that are noted, with their number: as the digests have it, and the rows
//        themselves where there is no digest.
// Never: asks an index.
#pragma once

#include <vector>

#include "schema/disk/digest.h"
#include "schema/disk/row_numbers.h"

namespace sockwitness::schema {

class Database;

// Of one block, from its rows alone.
[[nodiscard]] std::vector<RowNumber> scan_noted_rows(Database& database,
                                                     Facet facet,
                                                     RowId first,
                                                     RowId last);

class NotedRows {
 public:
  // `facet`: SocketVersions or SocketListeners.
  NotedRows(Database& database, Facet facet) : database_(database), facet_(facet) {}

  // Appends those from `first` to `last`, ascending. Throws Error when a digest makes no sense.
  void read(RowId first, RowId last, std::vector<RowNumber>& found);

 private:
  void add(RowId first, RowId last, std::vector<RowNumber>& found) const;
  void scan(RowId first, RowId last, std::vector<RowNumber>& found);

  Database& database_;
  Facet facet_;
  std::int64_t block_ = -1;       // read last
  std::vector<RowNumber> noted_;  // of it
};

}  // namespace sockwitness::schema
