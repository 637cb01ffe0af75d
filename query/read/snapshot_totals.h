// Counts over a range of snapshots, and the version of SQLite that reads them.
//
// In:    an open history, the first and the last snapshot.
// Out:   counts; the ranges whose clock was not synchronised; the version of SQLite.
// Never: reads sockets or processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

struct SnapshotTotals {
  std::uint32_t snapshots = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t synchronized = 0;  // the kernel said that its clock was
  std::uint32_t unsynchronized = 0;
};

[[nodiscard]] SnapshotTotals count_snapshots(History& history, schema::SeqRange snapshots);
// Ranges of snapshots in a row whose clock was not synchronised.
[[nodiscard]] std::vector<schema::SeqRange> find_unsynchronized(History& history,
                                                                schema::SeqRange snapshots);
[[nodiscard]] std::string sqlite_version();

}  // namespace sockwitness::query
