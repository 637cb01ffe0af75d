// Bytes as hexadecimal digits, and back.
//
// In:    an array of bytes, or digits of either case.
// Out:   small digits; the bytes, or nothing when the text is not exactly theirs.
// Never: skips or adds anything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

namespace detail {
[[nodiscard]] bool parse_hex(std::string_view text, std::uint8_t* bytes, std::size_t size);
[[nodiscard]] std::string format_hex(const std::uint8_t* bytes, std::size_t size);
}  // namespace detail

template <std::size_t Size>
[[nodiscard]] std::string to_hex(const std::array<std::uint8_t, Size>& bytes) {
  return detail::format_hex(bytes.data(), Size);
}

template <std::size_t Size>
[[nodiscard]] std::optional<std::array<std::uint8_t, Size>> from_hex(std::string_view text) {
  std::array<std::uint8_t, Size> bytes{};
  return detail::parse_hex(text, bytes.data(), Size) ? std::optional(bytes) : std::nullopt;
}

// However many there are.
[[nodiscard]] std::optional<std::string> bytes_from_hex(std::string_view text);

// Exactly so many bytes, as they lie in a column.
template <std::size_t Size>
[[nodiscard]] std::optional<std::array<std::uint8_t, Size>> from_bytes(std::string_view text) {
  if (text.size() != Size) {
    return std::nullopt;
  }
  std::array<std::uint8_t, Size> bytes{};
  for (std::size_t at = 0; at < Size; ++at) {
    bytes[at] = static_cast<std::uint8_t>(text[at]);
  }
  return bytes;
}

template <std::size_t Size>
[[nodiscard]] std::string_view bytes_of(const std::array<std::uint8_t, Size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), Size};
}

}  // namespace sockwitness::schema
