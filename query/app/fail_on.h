// Which changes count for the exit code.
//
// In:    "new_listener,owner_changed", "high".
// Out:   a predicate.
// Never: takes an unknown word for one that never counts.
#pragma once

#include <functional>
#include <string>

#include "query/analysis/diff.h"

namespace sockwitness::query {

using FailOn = std::function<bool(const Change&)>;

// Kinds count unless the change is of no weight; restarts and narrower reach, which always are,
// count when they are named. A severity counts from itself upwards, the lowest of several.
// Throws schema::Error (Usage).
[[nodiscard]] FailOn parse_fail_on(const std::string& list);

}  // namespace sockwitness::query
