// Where news begins: what the last alert reported, found again in the database.
//
// In:    the state of the last alert, or none; the archive id of the database, and its snapshots.
// Out:   the snapshot up to which everything was reported, and where comparisons begin.
// Never: treats another database, or an earlier copy of this one, as the one that was reported.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "query/alert/alert_state.h"
#include "query/analysis/history/intervals.h"
#include "query/analysis/history/moments.h"

namespace sockwitness::query {

struct AlertBase {
  enum class Kind : std::uint8_t {
    First,     // nothing was reported
    Follows,   // the usual case
    Replaced,  // of another database
    WentBack   // reported snapshots are not there, or are others
  };

  Kind kind = Kind::First;
  schema::Seq reported_up_to;  // the latest one, where the state is to be reported anew
  schema::Seq from;            // at or before it

  // The state is reported, not the changes.
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
