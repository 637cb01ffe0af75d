// Whole places that nobody could look at, with the snapshots in which that was so.
//
// In:    the surroundings of a stretch.
// Out:   gaps that may hide a socket, in the order of their rows.
// Never: what hides only who holds a socket, or a table that the kernel does not have.
#pragma once

#include <vector>

#include "query/analysis/intervals.h"
#include "query/read/surroundings.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<NotLooked> find_place_gaps(const Surroundings& around);

}  // namespace sockwitness::query
