// Snapshots that were removed from the begin of a history: no answer treats them as time without
// recording, or as absence.
//
// In:    what the records of the prunes say.
// Out:   plain values.
// Never: the content of removed snapshots.
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
  return Pruned{.snapshots = {prunes.front().snapshots.first, last.snapshots.last},
                .from = prunes.front().began,
                .to = last.ended,
                .at = last.at,
                .policy = last.policy,
                .by = last.author.login_user.value_or(last.author.user)};
}

}  // namespace sockwitness::query
