#include "schema/base/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "schema/base/utf8.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_hex(std::string& text, std::string_view bytes) {
  for (const char byte : bytes) {
    const auto value = static_cast<std::uint8_t>(byte);
    text += "\\x";
    text += kHexDigits[value >> 4U];
    text += kHexDigits[value & 0x0FU];
  }
}

std::optional<std::uint8_t> hex_value(char digit) {
  const auto at = kHexDigits.find(digit);
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<std::uint8_t>(at));
}

struct WidthRange {
  char32_t first;
  char32_t last;
};

// East Asian wide and fullwidth blocks (Unicode 15, UAX 11), coarse: a cell too many is harmless.
constexpr std::array<WidthRange, 9> kWide{{{0x1100, 0x115E},
                                           {0x2E80, 0x303E},
                                           {0x3041, 0xA4CF},
                                           {0xA960, 0xA97C},
                                           {0xAC00, 0xD7A3},
                                           {0xF900, 0xFAFF},
                                           {0xFE30, 0xFE6F},
                                           {0xFF00, 0xFF60},
                                           {0x1F300, 0x3FFFD}}};
constexpr std::array<WidthRange, 6> kCombining{{{0x300, 0x36F},
                                                {0x483, 0x489},
                                                {0x591, 0x5BD},
                                                {0x1AB0, 0x1AFF},
                                                {0x1DC0, 0x1DFF},
                                                {0x20D0, 0x20FF}}};

template <std::size_t N>
bool in_any(const std::array<WidthRange, N>& ranges, char32_t code_point) {
  for (const WidthRange& range : ranges) {
    if (code_point >= range.first && code_point <= range.last) {
      return true;
    }
  }
  return false;
}

bool is_formula_start(char first) {
  return first == '=' || first == '+' || first == '-' || first == '@' || first == '\t' ||
         first == '\r';
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto code_point = decode_code_point(bytes);
    if (!code_point) {
      return false;
    }
    bytes.remove_prefix(code_point->length);
  }
  return true;
}

std::string escape_terminal(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto code_point = decode_code_point(bytes);
    const std::size_t length = code_point ? code_point->length : 1;
    const auto piece = bytes.substr(0, length);
    if (!code_point || is_invisible(code_point->value)) {
      append_hex(text, piece);
    } else if (piece == "\\") {
      text += "\\\\";
    } else {
      text += piece;
    }
    bytes.remove_prefix(length);
  }
  return text;
}

std::string to_ascii(std::string_view escaped) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSigns{
      {{"→", "->"}, {"←", "<-"}, {"…", "..."}, {"·", "-"}}};
  std::string text;
  text.reserve(escaped.size());
  while (!escaped.empty()) {
    const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(), [&](const auto& each) {
      return escaped.starts_with(each.first);
    });
    if (sign != kSigns.end()) {
      text += sign->second;
      escaped.remove_prefix(sign->first.size());
      continue;
    }
    const auto piece = escaped.substr(0, 1);
    if (static_cast<unsigned char>(piece.front()) < 0x80) {
      text += piece;
    } else {
      append_hex(text, piece);
    }
    escaped.remove_prefix(1);
  }
  return text;
}
std::string unescape_terminal(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    if (text.starts_with("\\\\")) {
      bytes += '\\';
      text.remove_prefix(2);
      continue;
    }
    if (text.size() >= 4 && text.starts_with("\\x")) {
      const auto high = hex_value(text[2]);
      const auto low = hex_value(text[3]);
      if (high && low) {
        bytes += static_cast<char>((*high << 4U) | *low);
        text.remove_prefix(4);
        continue;
      }
    }
    bytes += text.front();
    text.remove_prefix(1);
  }
  return bytes;
}

std::size_t terminal_width(std::string_view escaped) {
  std::size_t width = 0;
  while (!escaped.empty()) {
    const auto code_point = decode_code_point(escaped);
    if (!code_point) {
      escaped.remove_prefix(1);
      ++width;
      continue;
    }
    if (in_any(kWide, code_point->value)) {
      width += 2;
    } else if (!in_any(kCombining, code_point->value)) {
      ++width;
    }
    escaped.remove_prefix(code_point->length);
  }
  return width;
}

std::string json_text(std::string_view bytes) {
  return is_utf8(bytes) ? std::string(bytes) : escape_terminal(bytes);
}

std::string csv_cell(std::string_view bytes) {
  bool printable = true;
  for (std::string_view rest = bytes; !rest.empty() && printable;) {
    const auto code_point = decode_code_point(rest);
    printable = code_point && !is_invisible(code_point->value);
    rest.remove_prefix(code_point ? code_point->length : 1);
  }
  std::string text = printable ? std::string(bytes) : escape_terminal(bytes);
  if (!text.empty() && (is_formula_start(text.front()) || is_formula_start(bytes.front()))) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char character : text) {
    quoted += character;
    if (character == '"') {
      quoted += '"';
    }
  }
  quoted += '"';
  return quoted;
}

std::string escape_html(std::string_view bytes) {
  return escape_markup(escape_terminal(bytes));
}

std::string escape_markup(std::string_view plain) {
  std::string text;
  for (const char character : plain) {
    switch (character) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      case '"':
        text += "&quot;";
        break;
      case '\'':
        text += "&#39;";
        break;
      default:
        text += character;
    }
  }
  return text;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<std::uint8_t>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xFU];
  }
  return text;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8U) | (i < here ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= here ? kDigits[(group >> (18U - 6U * i)) & 0x3FU] : '=';
    }
  }
  return text;
}

}  // namespace sockwitness::schema
