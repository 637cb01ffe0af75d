// Intervals of snapshots in which something was there.
//
// In:    observations in order, without holes: seen, not seen, or hidden by a gap.
// Out:   the first and last snapshot of each interval, and the nearest ones before and after that
//        read its place.
// Never: a begin or an end at a snapshot whose gaps cover the place.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// The place of a thing: an endpoint, or a process.
struct Place {
  std::optional<schema::Endpoint> endpoint;
  std::optional<schema::Pid> pid;

  friend bool operator==(const Place&, const Place&) = default;
};

// Snapshots in a row that show the same.
struct Observation {
  schema::SeqRange snapshots;
  std::vector<Place> places;            // where it was seen; empty: it was not
  std::vector<Place> doubtful;          // something is there; a gap hides whether it is this
  schema::SharedVisibility visibility;  // not null
};

// Snapshots that could not see the place.
struct CoverageGap {
  schema::SeqRange snapshots;
  std::optional<schema::Gap> gap;  // its netns is not set; nothing: its holder was hidden
  std::string netns;               // label of the gap's namespace, empty for none in particular
};

struct Interval {
  schema::SeqRange seen;                   // the first snapshot that saw it, and the last
  std::optional<schema::Seq> not_before;   // the last one before that could see; nothing: none
  std::optional<schema::Seq> not_after;    // the first one after that could see; nothing: none
  std::vector<CoverageGap> coverage_gaps;  // within, and up to `not_after`
};

class IntervalBuilder {
 public:
  // In order, without holes.
  void add(Observation observation);
  [[nodiscard]] std::vector<Interval> finish();
  // While something is being seen: the position of its interval in the result.
  [[nodiscard]] std::size_t current() const { return intervals_.size() - 1; }

 private:
  void keep_hidden();
  [[nodiscard]] std::optional<schema::Seq> find_not_before(const Observation& first) const;

  std::vector<Interval> intervals_;
  bool open_ = false;                // the last interval has not ended
  Observation last_;                 // that saw it, of the open interval
  std::vector<Observation> unseen_;  // since then, or since the last interval ended
  std::vector<CoverageGap> hidden_;  // since then, parallel to `unseen_` while the interval is open
};

}  // namespace sockwitness::query
