// Which service of one observation is which of another: by place, by owner, by RPC program.
//
// In:    the services of two observations.
// Out:   pairs with how they were found, and what is left on either side; each service in one
//        place.
// Never: looks at gaps or severities.
#pragma once

#include <vector>

#include "query/analysis/compared_side.h"

namespace sockwitness::query {

enum class PairKind {
  SamePlace,  // the same endpoint
  Reach,      // the same port and owner at other addresses: `befores` and `afters` are all of them
  TakenOver,  // the same port, overlapping addresses, another owner
  SameRpc,    // the same RPC program and owner at another port
  OtherRpcOwner,  // the same RPC program, another owner
  Moved,          // the same owner at another port or under another name
  Namespace       // the same port and owner in another network namespace
};

struct ServicePair {
  PairKind kind = PairKind::SamePlace;
  const schema::Service* before = nullptr;
  const schema::Service* after = nullptr;
  Services befores;  // of Reach all that belong together, of SamePlace none, else `before` alone
  Services afters;
};

struct Pairing {
  std::vector<ServicePair> pairs;
  Services gone;   // in `before` only
  Services fresh;  // in `after` only
};

// Of `before` those that were there for certain or may have been, of `after` those that
// are services for certain; see Standing. Both by endpoint, ascending, each once; one that did not
// change may be the same object on both sides: it is in no pair, or in one of Reach.
[[nodiscard]] Pairing pair_services(const Services& before, const Services& after);

}  // namespace sockwitness::query
