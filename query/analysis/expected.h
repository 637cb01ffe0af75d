// What a baseline expects at one instant.
//
// In:    a baseline with what was accepted into it; now.
// Out:   one service per endpoint; the latest acceptance holds until it ends.
// Never: an acceptance that has ended as an expectation.
#pragma once

#include <vector>

#include "schema/model/baseline.h"

namespace sockwitness::query {

struct Expected {
  schema::ServiceSet set;
  std::vector<schema::Service> expired;  // accepted once, not any more
};

[[nodiscard]] Expected expected_at(const schema::Baseline& baseline, schema::WallTime now);

}  // namespace sockwitness::query
