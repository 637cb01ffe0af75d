// What an observation could see: the network namespaces that it read, and its gaps.
//
// In:    a snapshot, or a baseline.
// Out:   plain values; two are equal when exactly the same places were read.
// Never: sockets, processes or a time.
#pragma once

#include <memory>
#include <vector>

#include "schema/model/gap.h"
#include "schema/model/netns.h"

namespace sockwitness::schema {

struct Visibility {
  std::vector<Netns> namespaces;
  std::vector<Gap> gaps;  // their netns is a position in `namespaces`

  friend bool operator==(const Visibility&, const Visibility&) = default;
};

using SharedVisibility = std::shared_ptr<const Visibility>;

}  // namespace sockwitness::schema
