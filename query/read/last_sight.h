// Which snapshot was the last to show something.
//
// In:    an open history, what a filter means.
// Out:   the number of that snapshot, or nothing when none ever did.
// Never: a snapshot in which something else may hide it.
#pragma once

#include <optional>

#include "query/analysis/filter.h"
#include "query/read/history.h"

namespace sockwitness::query {

[[nodiscard]] std::optional<schema::Seq> find_last_sight(History& history, const Filter& filter);

}  // namespace sockwitness::query
