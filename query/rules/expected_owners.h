// Whether a baseline expects a process at a port.
//
// In:    the services of a baseline.
// Out:   yes or no for a listening socket and a process that holds it.
// Never: compares addresses: only the owner is in question here.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "schema/model/service.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

class ExpectedOwners {
 public:
  // Both outlive it.
  ExpectedOwners(const schema::SnapshotView& view, const schema::ServiceSet& baseline);

  // The same program with the same content, script and user. What one side could not read does not
  // count.
  [[nodiscard]] bool expects(const schema::Holder& holder) const;

 private:
  using Place = std::tuple<std::string_view, schema::Protocol, schema::Port, std::string_view>;

  const schema::SnapshotView& view_;
  std::multimap<Place, const schema::Owner*> owners_;
};

}  // namespace sockwitness::query
