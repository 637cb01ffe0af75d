// Which snapshots a thinning may thin: those between two that stay whole.
//
// In:    an open database, a step of time, an age.
// Out:   spans of snapshots, ascending, each between two that stay.
// Never: a snapshot that is held, that a baseline was made from or an acceptance shows, that has a
//        note or the full list of what lived, that a boot began or ended with; the first, the
//        latest.
#pragma once

#include <cstdint>
#include <vector>

#include "schema/disk/database.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

struct ThinPolicy {
  std::int64_t step_us = 0;   // of each range of this length the first one stays
  std::int64_t after_us = 0;  // and all that are younger
};

// Those that an earlier thinning with this step has seen are not looked at again, unless a hold or
// a baseline was given up since. Throws schema::Error.
[[nodiscard]] std::vector<schema::SeqRange> find_thin_spans(schema::Database& database,
                                                            const ThinPolicy& policy,
                                                            schema::WallTime now);

// The last snapshot up to `seq` that is whole, and the first from it on: a prune begins what it
// leaves with one.
[[nodiscard]] schema::Seq whole_at_or_before(schema::Database& database, schema::Seq seq);
[[nodiscard]] schema::Seq whole_at_or_after(schema::Database& database, schema::Seq seq);

}  // namespace sockwitness::recorder
