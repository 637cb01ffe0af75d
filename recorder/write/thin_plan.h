// Which rows go when spans of snapshots are thinned: connections and processes that no snapshot
// outside of one span saw.
//
// In:    an open database, spans between snapshots that stay whole, ascending.
// Out:   by table whether a row goes; the spans in which some do.
// Never: what may be a service, who ever held a socket that stays, a part of a life: a thing goes
//        with all of its versions, or stays with all of them.
#pragma once

#include <cstddef>
#include <vector>

#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

// Rows of one table, those that began with the first of the spans to those with the last.
class RowFates {
 public:
  void begin(schema::RowId first, schema::RowId last);
  void take(schema::RowId id) { set(id, true); }
  void leave(schema::RowId id) { set(id, false); }
  [[nodiscard]] bool goes(schema::RowId id) const {
    return id >= first_ && id <= last() && goes_[static_cast<std::size_t>(id - first_)];
  }
  [[nodiscard]] schema::RowId first() const { return first_; }
  [[nodiscard]] schema::RowId last() const {
    return first_ + static_cast<schema::RowId>(goes_.size()) - 1;
  }

 private:
  void set(schema::RowId id, bool goes) {
    if (id >= first_ && id <= last()) {
      goes_[static_cast<std::size_t>(id - first_)] = goes;
    }
  }

  schema::RowId first_ = 1;
  std::vector<bool> goes_;
};

struct ThinPlan {
  std::vector<schema::SeqRange> spans;  // in which something goes
  RowFates sockets;
  RowFates processes;
};

// Throws SQLite::Exception, schema::Error.
[[nodiscard]] ThinPlan plan_thinning(schema::Database& database,
                                     const std::vector<schema::SeqRange>& spans);

}  // namespace sockwitness::recorder
