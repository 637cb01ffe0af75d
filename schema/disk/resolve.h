// The snapshot that a time or a number stands for, in both programs.
//
// In:    an open database with a snapshot, what was asked, which side of it is meant.
// Out:   the number of a snapshot that is there.
// Never: a default side; a time that lies outside the history as if it were its end.
#pragma once

#include <optional>
#include <string_view>

#include "schema/disk/database.h"
#include "schema/disk/snapshot_row.h"
#include "schema/model/ids.h"
#include "schema/program/time_spec.h"

namespace sockwitness::schema {

// They differ by clocks that were set back: numbers are the order of snapshots, times need not be.
enum class Side {
  AtOrBefore,  // whose clock showed the latest time up to then
  LastUntil,   // the last one whose clock did not show more
  StateAt,     // the one before the first whose clock showed more; the first of all when that is it
  FirstFrom    // the first one whose clock showed it or more
};

struct Resolved {
  Seq seq;
  std::optional<TimeReading> reading;  // that AtOrBefore rests on
};

// A number is that of a snapshot, on any side. `doing` begins the messages: "showing". Throws
// Error: Usage for what is not there, Unusable for a database without snapshots.
[[nodiscard]] Resolved resolve(Database& database,
                               const TimeSpec& spec,
                               Side side,
                               std::string_view doing);

}  // namespace sockwitness::schema
