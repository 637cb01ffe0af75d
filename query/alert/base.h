// From where on something is news: what the last alert told, found again in the database.
//
// In:    the state of the last alert, or none; which database this is, and its snapshots.
// Out:   the snapshot up to which all was told, and where comparisons begin.
// Never: takes another database, or an earlier copy of this one, for the one that was told of.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "query/alert/alert_state.h"
#include "query/analysis/intervals.h"
#include "query/analysis/moments.h"

namespace sockwitness::query {

struct AlertBase {
  enum class Kind : std::uint8_t {
    First,     // nothing was told
    Follows,   // the usual case
    Replaced,  // of another database
    WentBack   // snapshots that were told are not there, or are others
  };

  Kind kind = Kind::First;
  schema::Seq told_up_to;  // the latest one, where the state is to be told anew
  schema::Seq from;        // at or before it

  // The state is told, not what led to it.
  bool anew = true;
};

// `state` is null for none. `moments` is not empty.
[[nodiscard]] AlertBase find_alert_base(const AlertState* state,
                                        const std::string& archive,
                                        const Moments& moments);

// Where the next comparison begins: the latest snapshot before the last one that saw everything.
[[nodiscard]] schema::Seq choose_next_from(const Moments& moments,
                                           std::span<const CoverageGap> gaps,
                                           schema::SeqRange snapshots);

}  // namespace sockwitness::query
