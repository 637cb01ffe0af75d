// Two snapshots of a busy host, with everything in them that an output could stumble over.
//
// In:    nothing; all values are literals.
// Out:   the earlier and the later snapshot, and the lifetimes of their sockets.
// Never: changes with the machine or the day.
#pragma once

#include <vector>

#include "tests/unit/query/scene.h"

namespace sockwitness::test {

[[nodiscard]] Scene busy_host_before();
[[nodiscard]] Scene busy_host();
// An hour for each socket, and less for the later ones.
[[nodiscard]] std::vector<schema::Seen> lifetimes_of(const schema::Snapshot& snapshot);
[[nodiscard]] std::vector<schema::SnapshotInfo> eventful_history();
[[nodiscard]] std::vector<schema::MissedRun> missed_runs();

}  // namespace sockwitness::test
