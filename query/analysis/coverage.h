// Which places a snapshot looked at: only there does "not seen" mean "not there".
//
// In:    one snapshot and its gaps.
// Out:   the gap that covers an endpoint, or nothing when the place was looked at.
// Never: guesses that an unreadable place was empty.
#pragma once

#include <cstddef>
#include <optional>

#include "query/analysis/service.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// Position in Snapshot::gaps.
[[nodiscard]] std::optional<std::size_t> find_covering_gap(const schema::SnapshotView& view,
                                                           const Endpoint& endpoint);

// For something that `later` shows first: a process whose namespace nobody could name, then as
// before, does not explain why a namespace can be seen now. Such a gap hides what vanished, not
// what is new.
[[nodiscard]] std::optional<std::size_t> find_gap_before(const schema::SnapshotView& earlier,
                                                         const schema::SnapshotView& later,
                                                         const Endpoint& endpoint);

}  // namespace sockwitness::query
