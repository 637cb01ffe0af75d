// The last snapshot that shows something.
//
// In:    an open history, a filter.
// Out:   its number; nothing when no snapshot shows it.
// Never: a snapshot whose gaps may hide it.
#pragma once

#include <optional>

#include "query/analysis/filter.h"
#include "query/read/history.h"

namespace sockwitness::query {

[[nodiscard]] std::optional<schema::Seq> find_last_seen(History& history, const Filter& filter);

}  // namespace sockwitness::query
