// Sockets and processes that are missing from a snapshot only because a gap covers their place.
//
// In:    what each snapshot changed, in order.
// Out:   the same without them: what is hidden and comes back has neither ended nor begun again;
//        what is missing when its place is read again has ended then.
// Never: an end that no snapshot shows.
#pragma once

#include <map>
#include <vector>

#include "query/analysis/history/identity.h"
#include "query/analysis/history/intervals.h"
#include "query/analysis/history/timeline_event.h"

namespace sockwitness::query {

class HiddenThings {
 public:
  // `before` and `after` are the two snapshots; the first of a range has none before it.
  void keep_back(const SharedEventSnapshot& before,
                 const SharedEventSnapshot& after,
                 std::vector<SocketTransition>& sockets,
                 std::vector<ProcessTransition>& processes);

 private:
  template <class Index>
  struct Hidden {
    Shown<Index> last;  // as it was seen last
    Place place;
    schema::SharedVisibility visibility;  // of that snapshot
  };
  template <class Index>
  using Things = std::map<Identity, Hidden<Index>>;

  template <class Index>
  void keep_back(const SharedEventSnapshot& before,
                 const SharedEventSnapshot& after,
                 std::vector<Transition<Index>>& changes,
                 Things<Index>& hidden);

  schema::SharedVisibility before_;
  schema::SharedVisibility after_;
  Things<schema::SocketIndex> sockets_;  // of one boot
  Things<schema::ProcessIndex> processes_;
};

}  // namespace sockwitness::query
