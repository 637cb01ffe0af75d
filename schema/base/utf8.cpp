#include "schema/base/utf8.h"

#include <array>

namespace sockwitness::schema {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

}  // namespace

std::optional<CodePoint> decode_code_point(std::string_view bytes) {
  const std::uint8_t first = byte_at(bytes, 0);
  if (first < 0x80) {
    return CodePoint{first, 1};
  }
  std::size_t length = 0;
  char32_t value = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    value = first & 0x1FU;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    value = first & 0x0FU;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    value = first & 0x07U;
  } else {
    return std::nullopt;
  }
  if (bytes.size() < length) {
    return std::nullopt;
  }
  for (std::size_t at = 1; at < length; ++at) {
    const std::uint8_t next = byte_at(bytes, at);
    if ((next & 0xC0U) != 0x80U) {
      return std::nullopt;
    }
    value = (value << 6U) | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool overlong = value < kSmallest[length];
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) {
    return std::nullopt;
  }
  return CodePoint{value, length};
}

bool is_invisible(char32_t code_point) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  // General category Cc, Cf, Zl and Zp of Unicode 15, and the fillers that draw nothing.
  constexpr std::array<Range, 21> kRanges{
      {{0x00, 0x1F},      {0x7F, 0x9F},     {0xAD, 0xAD},     {0x34F, 0x34F},   {0x600, 0x605},
       {0x61C, 0x61C},    {0x6DD, 0x6DD},   {0x70F, 0x70F},   {0x115F, 0x1160}, {0x17B4, 0x17B5},
       {0x180B, 0x180F},  {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
       {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1D17A},
       {0xE0000, 0xE0FFF}}};
  for (const Range& range : kRanges) {
    if (code_point >= range.first && code_point <= range.last) {
      return code_point < 0x1BCA0 || code_point > 0x1D17A || code_point <= 0x1BCA3 ||
             code_point >= 0x1D173;
    }
  }
  return false;
}

}  // namespace sockwitness::schema
