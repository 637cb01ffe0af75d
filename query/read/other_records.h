// Records that are no snapshot: runs that gave none, and prunes.
//
// In:    an opened history, the record after which they begin.
// Out:   them in order, each with the head of its link.
// Never: those of baselines, keys and settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

struct OtherRecord {
  std::int64_t record = 0;
  std::string head;  // hexadecimal; empty: it is not signed
  // One of the two.
  std::optional<schema::MissedRun> missed;
  std::optional<schema::SeqRange> pruned;
};

[[nodiscard]] std::vector<OtherRecord> read_other_records(History& history, std::int64_t after);

}  // namespace sockwitness::query
