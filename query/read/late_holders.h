// Holders that began in a later snapshot than their socket: inherited, passed on, or seen late.
//
// In:    an open database, a range of snapshots.
// Out:   for a socket the rows of its late holders that a snapshot of the range shows.
// Never: reads the holders that begin with their socket: their rows lie beside it.
#pragma once

#include <unordered_map>
#include <vector>

#include "schema/disk/codec.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

class LateHolders {
 public:
  LateHolders(schema::Database& database, schema::SeqRange range);

  // Appends those of a socket, given by its origin.
  void find(schema::RowId socket, std::vector<schema::HolderRow>& rows) const;
  // All of them, in no order.
  [[nodiscard]] const std::unordered_multimap<schema::RowId, schema::HolderRow>& all() const {
    return by_socket_;
  }

 private:
  std::unordered_multimap<schema::RowId, schema::HolderRow> by_socket_;
};

}  // namespace sockwitness::query
