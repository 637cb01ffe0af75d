// What was removed from a history, and what must stay.
//
// In:    filled by the reader of the database.
// Out:   plain values for answers: a range that was pruned is shown as that, never as empty.
// Never: says what the removed snapshots held.
#pragma once

#include <optional>
#include <string>

#include "schema/base/time.h"
#include "schema/model/baseline.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {

struct Prune {
  SeqRange snapshots;        // that it removed
  WallTime began;            // of the first of them
  WallTime ended;            // of the last one
  std::int64_t removed = 0;  // rows
  std::string policy;        // what was asked for
  WallTime at;
  Author author;
};

// Of a range of old snapshots only some stay whole.
struct Thin {
  SeqRange snapshots;        // the first and the last one that it thinned
  WallTime began;            // of the first of them
  WallTime ended;            // of the last one
  std::int64_t step_us = 0;  // one of each such range stays whole
  std::int64_t thinned = 0;  // snapshots
  std::int64_t removed = 0;  // rows
  std::string policy;        // what was asked for
  WallTime at;
  Author author;
};

struct Hold {
  std::int64_t record = 0;
  std::string name;
  SeqRange snapshots;
  std::string reason;
  WallTime at;
  Author author;
};

}  // namespace sockwitness::schema
