// Whether snapshots that do not show a thing prove that it was not there.
//
// In:    an observation of them, and one that shows the thing.
// Out:   the gap that may have hidden it, if there is one.
// Never: takes a place that could not be read for an empty one.
#pragma once

#include <optional>

#include "query/analysis/intervals.h"

namespace sockwitness::query {

// `seen` is later. Processes whose namespace could not be named, then as now, hide nothing that is
// new.
[[nodiscard]] bool may_have_hidden(const Observation& earlier,
                                   const Observation& seen,
                                   const Place& place);

// `seen` is earlier. The gap of `later` that covers the place; nothing: the thing has gone.
[[nodiscard]] std::optional<CoverageGap> find_hiding(const Observation& later,
                                                     const Observation& seen,
                                                     const Place& place);

}  // namespace sockwitness::query
