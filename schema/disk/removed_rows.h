// Which rows a prune removed: those that had ended before the first snapshot that is there.
//
// In:    an open database, ids.
// Out:   whether a row is gone.
// Never: takes a row that is missing without a prune for one that was removed.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/model/ids.h"

namespace sockwitness::schema {

class Database;

class RemovedRows {
 public:
  // The database must outlive it.
  explicit RemovedRows(Database& database);

  [[nodiscard]] bool any() const { return first_kept_.has_value(); }
  [[nodiscard]] bool has(Entity entity, RowId id);

 private:
  struct Left {
    RowId last = 0;             // with the first snapshot that is there
    std::vector<RowId> living;  // then, ascending
  };
  Database& database_;
  std::optional<Seq> first_kept_;
  std::map<Entity, Left> left_;
};

}  // namespace sockwitness::schema
