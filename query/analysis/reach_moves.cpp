#include "query/analysis/reach_moves.h"

#include "query/analysis/pairing.h"
#include "query/analysis/reach.h"

namespace sockwitness::query {
namespace {

schema::ServiceSet set_of(const std::vector<SharedService>& services) {
  schema::ServiceSet set;
  for (const SharedService& service : services) {
    set.services.push_back(*service);
  }
  return set;
}

std::vector<schema::Endpoint> endpoints_of(const Services& services) {
  std::vector<schema::Endpoint> endpoints;
  for (const schema::Service* service : services) {
    endpoints.push_back(service->endpoint);
  }
  return endpoints;
}

}  // namespace

std::vector<ReachMove> find_reach_moves(const std::vector<SharedService>& before,
                                        const std::vector<SharedService>& after) {
  std::vector<ReachMove> moves;
  const schema::ServiceSet old = set_of(before);
  const schema::ServiceSet now = set_of(after);
  for (const ServicePair& pair : pair_services(old, now).pairs) {
    if (pair.kind != PairKind::Reach) {
      continue;
    }
    const ReachChange change = compare_reach(reach_of(pair.befores), reach_of(pair.afters));
    if (change == ReachChange::Widened || change == ReachChange::Narrowed) {
      moves.push_back({change == ReachChange::Widened,
                       pair.before->endpoint,
                       pair.after->endpoint,
                       endpoints_of(pair.befores),
                       endpoints_of(pair.afters)});
    }
  }
  return moves;
}

}  // namespace sockwitness::query
