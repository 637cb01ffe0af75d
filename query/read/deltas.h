// The rows of a history, snapshot after snapshot, as they lie in the file.
//
// In:    an opened history, which must outlive the reader.
// Out:   a reader of what began and ended with each snapshot.
// Never: a meaning: see snapshot_events.h for what happened.
#pragma once

#include "query/read/history.h"
#include "schema/disk/delta.h"

namespace sockwitness::query {

[[nodiscard]] schema::DeltaReader read_deltas(History& history);

}  // namespace sockwitness::query
