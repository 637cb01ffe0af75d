// Thinned snapshots: they keep only what a whole snapshot before or after them shows as well, and
// what retention must keep. Listening sockets stay.
//
// In:    what the records of the thinnings say.
// Out:   plain values; whether a snapshot is one of them, and which whole one answers in its place.
// Never: the removed content of thinned snapshots.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct Thinned {
  std::vector<schema::SeqRange> spans;  // ascending, each between two whole ones
  schema::WallTime from;                // of the first snapshot of the first
  schema::WallTime to;                  // of the last one of the last
  schema::WallTime at;                  // of the last thinning
  std::string policy;                   // what that one was asked for
  std::string by;

  [[nodiscard]] schema::SeqRange snapshots() const {
    return {spans.front().first, spans.back().last};
  }
  // Nothing: it is whole.
  [[nodiscard]] const schema::SeqRange* find(schema::Seq seq) const;
  // Snapshots of a range that were thinned.
  [[nodiscard]] std::int64_t count(schema::SeqRange range) const;
  // The first and the last of them. Precondition: there are some.
  [[nodiscard]] schema::SeqRange within(schema::SeqRange range) const;
};

// The whole snapshot before one that was thinned; any other is its own.
[[nodiscard]] schema::Seq whole_at_or_before(const std::optional<Thinned>& thinned,
                                             schema::Seq seq);
// The one after it, but for what lies behind `last`: then the one before.
[[nodiscard]] schema::Seq whole_near(const std::optional<Thinned>& thinned,
                                     schema::Seq seq,
                                     schema::Seq last);

}  // namespace sockwitness::query
