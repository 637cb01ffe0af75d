// The visibility of the snapshots of a history, in runs of equal visibility.
//
// In:    the visibility of snapshots in order, without holes.
// Out:   runs, ascending; the last one that meets a condition.
// Never: services.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/visibility.h"

namespace sockwitness::query {

struct VisibilityRun {
  schema::SeqRange snapshots;
  schema::SharedVisibility visibility;
  schema::WallTime as_of;  // when the last one was taken
};

class VisibilityRuns {
 public:
  void add(schema::SeqRange snapshots,
           const schema::Visibility& visibility,
           schema::WallTime as_of) {
    if (runs_.empty() || *runs_.back().visibility != visibility) {
      runs_.push_back({snapshots, std::make_shared<const schema::Visibility>(visibility), as_of});
    }
    runs_.back().snapshots.last = snapshots.last;
    runs_.back().as_of = as_of;
  }

  [[nodiscard]] const std::vector<VisibilityRun>& all() const { return runs_; }
  // Null when there is none.
  template <class Meets>
  [[nodiscard]] const VisibilityRun* find_last(Meets meets) const {
    const auto found = std::find_if(runs_.rbegin(), runs_.rend(), meets);
    return found == runs_.rend() ? nullptr : &*found;
  }

 private:
  std::vector<VisibilityRun> runs_;
};

}  // namespace sockwitness::query
