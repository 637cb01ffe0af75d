// Whether a thing that snapshots do not show was absent, or may be hidden by a gap.
//
// In:    an observation without the thing, and one that shows it.
// Out:   the gap that may hide it; nothing: it was absent.
// Never: treats a place that could not be read as empty.
#pragma once

#include <optional>

#include "query/analysis/history/intervals.h"

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
