// The next version of a socket or process: the row that begins with the snapshot at which the one
// before ended.
//
// In:    an open database, sockets or processes, first rows with the snapshot at which a version of
//        them ended.
// Out:   the row that begins there and continues the thing, if any.
// Never: asks an index: what an index says of versions is checked by this.
#pragma once

#include <compare>
#include <vector>

#include "schema/disk/entity.h"
#include "schema/disk/noted_rows.h"
#include "schema/model/ids.h"

namespace sockwitness::schema {

struct VersionEnd {
  RowId origin = 0;
  Seq seq;  // the first snapshot that no longer saw it
};

class Successors {
 public:
  // `entity`: Socket or Process.
  Successors(Database& database, Entity entity);

  // Parallel to `ends`, which may come in any order; 0 where nothing goes on.
  [[nodiscard]] std::vector<RowId> find(const std::vector<VersionEnd>& ends);

 private:
  struct Version {
    RowId origin = 0;
    RowId row = 0;
    friend auto operator<=>(const Version&, const Version&) = default;
  };
  // Rows that began with `seq` and are a later version of something, by origin.
  const std::vector<Version>& born(Seq seq);
  std::vector<RowNumber> read_versions(RowId first, RowId last);

  Database& database_;
  Entity entity_;
  NotedRows sockets_;
  Seq born_with_{0};
  RowId last_ = 0;  // the highest row at `born_with_`
  std::vector<Version> born_;
};

}  // namespace sockwitness::schema
