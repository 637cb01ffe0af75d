// One code point at a time from bytes that may or may not be UTF-8.
//
// In:    a non-empty view.
// Out:   the code point and its length, or nothing when the front is not well-formed UTF-8 (RFC
//        3629).
// Never: accepts overlong forms, surrogates or anything above U+10FFFF.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::schema {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes
};

[[nodiscard]] std::optional<CodePoint> decode_code_point(std::string_view bytes);

// Changes what a terminal shows without showing itself: controls, bidi marks, joiners, tags, line
// separators.
[[nodiscard]] bool is_invisible(char32_t code_point);

}  // namespace sockwitness::schema
