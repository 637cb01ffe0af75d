// Whether snapshots that do not show a thing prove that it was not there.
//
// In:    an observation of them, and one that shows the thing.
// Out:   the gap that may have hidden it, if there is one.
// Never: takes a place that could not be read for an empty one.
#pragma once

#include <optional>

#include "query/analysis/intervals.h"

namespace sockwitness::query {

// Something that was seen later; before it, a namespace that nobody could name, then as now, did
// not hide it.
[[nodiscard]] bool may_have_hidden(const Observation& earlier,
                                   const Observation& seen,
                                   const Place& place);

// Something that was seen earlier: why these snapshots cannot say that it is gone, if they cannot.
[[nodiscard]] std::optional<NotLooked> find_hiding(const Observation& later,
                                                   const Observation& seen,
                                                   const Place& place);

}  // namespace sockwitness::query
