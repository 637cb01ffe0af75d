// One line about one record, to be kept out of reach of those who can change the file: what was
// signed at that time.
//
// In:    "sockwitness-anchor 1 ARCHIVE RECORD HEAD SIGNATURE", wherever it stands in a line of a
//        log.
// Out:   what it says; or the line.
// Never: takes a line that does not parse for an anchor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/chain/link_head.h"

namespace sockwitness::schema {

struct Anchor {
  ArchiveId archive{};
  std::int64_t record = 0;
  Hash head{};
  Signature signature{};

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// The messages of the journal that carry anchors have this id.
inline constexpr std::string_view kAnchorMessageId = "7d1f6f2f0b8e4c1e9a53c7f0d84b21ae";

[[nodiscard]] std::optional<Anchor> find_anchor(std::string_view line);
[[nodiscard]] std::string format_anchor(const Anchor& anchor);

// Beside the database, and the older one when that had become long.
[[nodiscard]] std::string anchor_file_of(const std::string& database_path);
[[nodiscard]] std::string older_anchor_file_of(const std::string& database_path);

}  // namespace sockwitness::schema
