// Which snapshots were thinned: of them only is there what also lived with one before or after that
// is whole, and what had to stay; see FORMAT.md, "Retention".
//
// In:    a connection to a database of ours.
// Out:   the spans between whole snapshots, ascending; what their records must be.
// Never: a span that a later thinning covers, or one whose snapshots were pruned.
#pragma once

#include <vector>

#include "schema/chain/hasher.h"
#include "schema/disk/id_list.h"
#include "schema/model/snapshot_info.h"

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

struct ThinnedSpan {
  SeqRange snapshots;
  RowId first_record = 0;   // of the first of them
  RowId last_record = 0;    // of the last one
  std::int64_t leaves = 0;  // rows that are left of these records
  Hash root{};              // over them
};

class ThinnedSpans {
 public:
  // Throws SQLite::Exception, and Error for a row that no recorder writes.
  explicit ThinnedSpans(SQLite::Database& sqlite);
  ThinnedSpans() = default;

  [[nodiscard]] bool empty() const { return spans_.empty(); }
  [[nodiscard]] const std::vector<ThinnedSpan>& all() const { return spans_; }
  // Nothing: the snapshot is whole, or the rows of the record are as its link says. Valid as long
  // as this object.
  [[nodiscard]] const ThinnedSpan* find(Seq seq) const;
  [[nodiscard]] const ThinnedSpan* find_record(RowId record) const;

 private:
  std::vector<ThinnedSpan> spans_;
};

}  // namespace sockwitness::schema
