// Which services of some ports can be reached from more or from fewer places than before.
//
// In:    all services of these ports in two snapshots that looked there.
// Out:   one move for everything that an owner has at a port.
// Never: another judgement than the one of a difference.
#pragma once

#include <memory>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::query {

using SharedService = std::shared_ptr<const schema::Service>;

struct ReachMove {
  bool widened = false;     // else narrowed
  schema::Endpoint before;  // the most telling of `befores`
  schema::Endpoint after;
  std::vector<schema::Endpoint> befores;
  std::vector<schema::Endpoint> afters;
};

// Both by endpoint, ascending.
[[nodiscard]] std::vector<ReachMove> find_reach_moves(const std::vector<SharedService>& before,
                                                      const std::vector<SharedService>& after);

}  // namespace sockwitness::query
