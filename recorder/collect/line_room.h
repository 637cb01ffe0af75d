// What the long command lines of one snapshot may add to the file.
//
// In:    a snapshot as it was read, and the one before.
// Out:   the same; of lines that do not fit only the ends, with a gap for each.
// Never: shortens a line that the snapshot before has as well.
#pragma once

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

// Counted are pieces that no other line has. `before` may be null.
void fit_new_lines(schema::Snapshot& snapshot, const schema::Snapshot* before);

}  // namespace sockwitness::recorder
