// Numbers as they lie in SQLite's files: the highest byte first.
//
// In:    bytes, a place and a length that lie within them.
// Out:   the number.
// Never: reads beyond the bytes: that is the caller's to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] inline std::uint32_t big_endian(std::string_view bytes,
                                              std::size_t at,
                                              std::size_t length) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    value = (value << 8U) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

}  // namespace sockwitness::schema
