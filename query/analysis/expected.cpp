#include "query/analysis/expected.h"

#include <map>

namespace sockwitness::query {

Expected expected_at(const schema::Baseline& baseline, schema::WallTime now) {
  Expected expected;
  std::map<schema::Endpoint, schema::Service> services;
  for (const schema::Service& service : baseline.set.services) {
    const auto& accepted = service.accepted;
    if (accepted && accepted->until && *accepted->until <= now) {
      expected.expired.push_back(service);
    } else {
      // In the order of recording: what was accepted later takes the place.
      services.insert_or_assign(service.endpoint, service);
    }
  }
  expected.set = baseline.set;
  expected.set.services.clear();
  for (auto& [endpoint, service] : services) {
    expected.set.services.push_back(std::move(service));
  }
  return expected;
}

}  // namespace sockwitness::query
