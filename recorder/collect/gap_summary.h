// Many equal gaps as one: what an unprivileged run cannot read is one line, not one for each
// process.
//
// In:    the gaps of one pass.
// Out:   gaps sorted, those that differ only in their pid added up when there are several.
// Never: drops a gap, or adds up gaps of different places or reasons.
#pragma once

#include <vector>

#include "schema/model/gap.h"

namespace sockwitness::recorder {

// Where descriptors or threads could not be read nobody knows of the network namespaces that only
// they keep: that is a gap of its own, or those would seem to be gone.
void add_kept_namespaces(std::vector<schema::Gap>& gaps);

[[nodiscard]] std::vector<schema::Gap> summarize_gaps(std::vector<schema::Gap> gaps);

}  // namespace sockwitness::recorder
