#include "schema/chain/hex_bytes.h"

namespace sockwitness::schema::detail {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_of(char letter) {
  if (letter >= '0' && letter <= '9') {
    return letter - '0';
  }
  if (letter >= 'a' && letter <= 'f') {
    return letter - 'a' + 10;
  }
  return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

}  // namespace

bool parse_hex(std::string_view text, std::uint8_t* bytes, std::size_t size) {
  if (text.size() != size * 2) {
    return false;
  }
  for (std::size_t at = 0; at < size; ++at) {
    const int high = digit_of(text[at * 2]);
    const int low = digit_of(text[at * 2 + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    bytes[at] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string format_hex(const std::uint8_t* bytes, std::size_t size) {
  std::string text;
  text.reserve(size * 2);
  for (std::size_t at = 0; at < size; ++at) {
    text += kDigits[bytes[at] >> 4U];
    text += kDigits[bytes[at] & 15U];
  }
  return text;
}

}  // namespace sockwitness::schema::detail

namespace sockwitness::schema {

std::optional<std::string> bytes_from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  const bool good =
      text.size() % 2 == 0 &&
      detail::parse_hex(text, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  return good ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace sockwitness::schema
