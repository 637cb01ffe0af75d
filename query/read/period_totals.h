// What the snapshots of a period say of themselves, counted; and what reads them.
//
// In:    an open history, the first and the last snapshot.
// Out:   counts, where the clock was not synchronised; the version of SQLite.
// Never: looks at what they saw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

struct PeriodTotals {
  std::uint32_t snapshots = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t synchronized = 0;  // the kernel said that its clock was
  std::uint32_t unsynchronized = 0;
};

[[nodiscard]] PeriodTotals count_period(History& history, schema::SeqRange snapshots);
// Stretches of snapshots in a row whose clock was not synchronised.
[[nodiscard]] std::vector<schema::SeqRange> find_unsynchronized(History& history,
                                                                schema::SeqRange snapshots);
[[nodiscard]] std::string sqlite_version();

}  // namespace sockwitness::query
