// Whether snapshots that do not show a thing can say that it was not there.
//
// In:    what they show and where they looked; a sighting of the thing itself.
// Out:   why they cannot tell, if they cannot.
// Never: takes an unreadable place for an empty one.
#pragma once

#include <optional>

#include "query/analysis/spans.h"

namespace sockwitness::query {

// Something that was seen later; before it, a namespace that nobody could name, then as now, did
// not hide it.
[[nodiscard]] bool may_have_hidden(const Sighting& earlier,
                                   const Sighting& seen,
                                   const Place& place);

// Something that was seen earlier: why these snapshots cannot say that it is gone, if they cannot.
[[nodiscard]] std::optional<NotLooked> find_hiding(const Sighting& later,
                                                   const Sighting& seen,
                                                   const Place& place);

}  // namespace sockwitness::query
