// Takes out of a turn what seems to have ended only because nobody could look there.
//
// In:    turns in order, each with what its snapshot could look at.
// Out:   the same turns: who was out of sight and comes back has not ended, nor begun again; who is
//        not there when the place can be seen again has ended then.
// Never: an end that no snapshot saw.
#pragma once

#include <map>
#include <memory>

#include "query/analysis/identity.h"
#include "query/analysis/spans.h"
#include "query/analysis/turn.h"

namespace sockwitness::query {

class OutOfSight {
 public:
  // `visibility` is that of the snapshot of the turn.
  void sort(Turn& turn, schema::SharedVisibility visibility);

 private:
  using Shared = std::shared_ptr<const schema::Snapshot>;
  template <class Index>
  struct Lost {
    Shared seen;  // by whom last
    Index index;
    Place place;
    schema::SharedVisibility visibility;  // of the same snapshot
  };
  template <class Index>
  using Things = std::map<Identity, Lost<Index>>;

  template <class Index, class Turns>
  void sort_things(Turn& turn, Turns& turns, Things<Index>& lost);

  schema::SharedVisibility before_;
  schema::SharedVisibility now_;
  Things<schema::SocketIndex> sockets_;  // of one boot
  Things<schema::ProcessIndex> processes_;
};

}  // namespace sockwitness::query
