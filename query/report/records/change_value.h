// One change of what listens as the object of the contract.
//
// In:    a change.
// Out:   an object in which every key is present.
// Never: one of the two sides as if it were the other.
#pragma once

#include "query/analysis/diff.h"
#include "query/report/neutral/value.h"

namespace sockwitness::query {

[[nodiscard]] Value change_value(const Change& change);

}  // namespace sockwitness::query
