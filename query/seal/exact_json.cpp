#include "query/seal/exact_json.h"

#include <array>
#include <utility>

#include "schema/base/utf8.h"

namespace sockwitness::query {
namespace {

constexpr std::array<std::pair<char, char>, 7> kShort{
    {{'"', '"'}, {'\\', '\\'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}}};
constexpr std::uint32_t kFirstOfTwo = 0xD800;
constexpr std::uint32_t kSecondOfTwo = 0xDC00;
constexpr std::uint32_t kHalf = 0x400;
constexpr std::uint32_t kAboveOne = 0x10000;

// "\\u00e4"
void append_unit(std::string& line, std::uint32_t unit) {
  line += "\\u";
  line += schema::to_hex(
      std::array{static_cast<std::uint8_t>(unit >> 8U), static_cast<std::uint8_t>(unit & 0xFFU)});
}

void append_code_point(std::string& line, char32_t code_point) {
  for (const auto& [letter, meaning] : kShort) {
    if (code_point == static_cast<char32_t>(meaning)) {
      line += '\\';
      line += letter;
      return;
    }
  }
  const auto value = static_cast<std::uint32_t>(code_point);
  if (value >= 0x20 && value < 0x7F) {
    line += static_cast<char>(value);
  } else if (value < kAboveOne) {
    append_unit(line, value);
  } else {
    append_unit(line, kFirstOfTwo + (value - kAboveOne) / kHalf);
    append_unit(line, kSecondOfTwo + (value - kAboveOne) % kHalf);
  }
}

void append_utf8(std::string& text, std::uint32_t value) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | (value >> shift & 0x3FU));
  };
  if (value < 0x80) {
    text += static_cast<char>(value);
  } else if (value < 0x800) {
    text += static_cast<char>(0xC0U | value >> 6U);
    tail(0);
  } else if (value < kAboveOne) {
    text += static_cast<char>(0xE0U | value >> 12U);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | value >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

void append_json_string(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const auto next = schema::decode_code_point(text);
    append_code_point(line, next ? next->value : char32_t{0xFFFD});
    text.remove_prefix(next ? next->length : 1);
  }
  line += '"';
}

std::uint32_t ExactJson::code_unit() {
  std::string_view digits = rest_.substr(0, 4);
  rest_.remove_prefix(digits.size());
  const bool whole = digits.size() == 4;
  const auto value = schema::parse_number<std::uint32_t>(digits, 16);
  good_ = good_ && whole && value;
  return value.value_or(0);
}

// What is taken is compared with what would be written, so that every form but one fails.
void ExactJson::escape(std::string& text) {
  for (const auto& [letter, meaning] : kShort) {
    if (maybe({&letter, 1})) {
      text += meaning;
      return;
    }
  }
  literal("u");
  std::uint32_t value = code_unit();
  if (value >= kFirstOfTwo && value < kSecondOfTwo) {
    literal("\\u");
    value = kAboveOne + (value - kFirstOfTwo) * kHalf + (code_unit() - kSecondOfTwo) % kHalf;
  }
  append_utf8(text, value);
}

std::string ExactJson::string() {
  std::string text;
  const std::string_view begin = rest_;
  literal("\"");
  while (good_ && !maybe("\"")) {
    if (maybe("\\")) {
      escape(text);
    } else if (rest_.empty()) {
      good_ = false;
    } else {
      text += rest_.front();
      rest_.remove_prefix(1);
    }
  }
  std::string again;
  append_json_string(again, text);
  good_ = good_ && begin.substr(0, begin.size() - rest_.size()) == again;
  return text;
}

std::string ExactJson::hex() {
  const auto bytes = schema::bytes_from_hex(string());
  good_ = good_ && bytes;
  return bytes.value_or(std::string());
}

}  // namespace sockwitness::query
