// Sockets and processes that seem to have ended only because a snapshot could not see them.
//
// In:    what each snapshot changed, in order.
// Out:   the same without them: what is hidden and comes back has neither ended nor begun again;
//        what is not there when its place can be seen again has ended then.
// Never: an end that no snapshot saw.
#pragma once

#include <map>
#include <vector>

#include "query/analysis/identity.h"
#include "query/analysis/intervals.h"
#include "query/analysis/timeline_event.h"

namespace sockwitness::query {

class HiddenThings {
 public:
  // `before` and `after` are the two snapshots; the first of a stretch has none before it.
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
