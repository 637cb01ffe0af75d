// A sealed export: rows of a database with the proof that they are as they were signed, for a
// reader without the database and its host.
//
// In:    a database, which snapshots or rows, anchors that were kept elsewhere.
// Out:   a new folder that verify_sealed() accepts.
// Never: changes the database; leaves a folder that does not verify, or half of one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/seal/manifest.h"
#include "query/verify/known_anchors.h"

namespace sockwitness::query {

struct SealRequest {
  std::string database;
  std::string folder;
  std::optional<Range> snapshots;  // or:
  std::vector<RowName> rows;       // ascending
  KnownAnchors anchors = {};
  std::function<void(std::int64_t done, std::int64_t all)> on_progress = {};
};

struct Sealed {
  Manifest manifest;
  std::int64_t rows = 0;     // of the records that are complete
  std::int64_t carried = 0;  // from before them, or single ones
  std::int64_t links = 0;
  std::int64_t anchors = 0;
};

// Throws schema::Error: Usage for a folder that is there or rows that are not, Unusable for a
// database that cannot be used or is not as it was signed.
[[nodiscard]] Sealed seal(const SealRequest& request);

}  // namespace sockwitness::query
