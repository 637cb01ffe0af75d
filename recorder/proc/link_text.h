// What the text of a /proc link says: a path, or a kernel object with an inode number.
//
// In:    "socket:[12345]", "pipe:[7]", "net:[4026531840]", "/dev/null".
// Out:   the number.
// Never: takes a path for an object: paths begin with '/', objects do not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/base/scan.h"

namespace sockwitness::recorder {

// The N of "KIND:[N]".
[[nodiscard]] inline std::optional<std::uint64_t> parse_object_link(std::string_view text,
                                                                    std::string_view kind) {
  if (!schema::scan_literal(text, kind) || !schema::scan_literal(text, ":[")) {
    return std::nullopt;
  }
  const auto number = schema::scan_number<std::uint64_t>(text);
  return text == "]" ? number : std::nullopt;
}

inline constexpr std::string_view kDeletedSuffix = " (deleted)";

}  // namespace sockwitness::recorder
