// Strict scanners for kernel text: a number is digits and nothing else, and it must fit.
//
// In:    a view of bytes, consumed from the front where the scanner succeeds.
// Out:   a value, or nothing; the view is left where it was when nothing was found.
// Never: skips blanks on its own, accepts signs or prefixes that the caller did not ask for, or
//        throws.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A hexadecimal digit as the kernel and container engines write ids: 0-9 and a-f.
[[nodiscard]] constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

// Consumes digits of `base` from the front. Signed types accept one leading '-'.
template <std::integral T>
[[nodiscard]] std::optional<T> scan_number(std::string_view& text, int base = 10) {
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (status != std::errc{} || end == text.data()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// The whole text as one number.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int base = 10) {
  const auto value = scan_number<T>(text, base);
  return text.empty() ? value : std::nullopt;
}

// Consumes `prefix` from the front; false and untouched if it is not there.
[[nodiscard]] inline bool scan_literal(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

// Consumes blanks and tabs.
inline void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
}

// Consumes up to the next `delimiter` and the delimiter itself; the whole rest when there is none.
[[nodiscard]] inline std::string_view scan_until(std::string_view& text, char delimiter) {
  const auto at = text.find(delimiter);
  const auto token = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return token;
}

}  // namespace sockwitness::schema
