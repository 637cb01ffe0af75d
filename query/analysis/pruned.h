// What was removed from the begin of a history: no answer takes it for time without recording, or
// for things that were not there.
//
// In:    what the records of the prunes say.
// Out:   plain values.
// Never: what the removed snapshots held: nobody can know.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "schema/model/retention.h"

namespace sockwitness::query {

// All prunes together: they follow each other from the first snapshot on.
struct Pruned {
  schema::SeqRange snapshots;
  schema::WallTime from;  // of the first of them
  schema::WallTime to;    // of the last one
  schema::WallTime at;    // of the last prune
  std::string policy;     // what that one was asked for
  std::string by;
};

[[nodiscard]] inline std::optional<Pruned> unite(std::span<const schema::Prune> prunes) {
  if (prunes.empty()) {
    return std::nullopt;
  }
  const schema::Prune& last = prunes.back();
  return Pruned{{prunes.front().snapshots.first, last.snapshots.last},
                prunes.front().began,
                last.ended,
                last.at,
                last.policy,
                last.author.login_user.value_or(last.author.user)};
}

}  // namespace sockwitness::query
