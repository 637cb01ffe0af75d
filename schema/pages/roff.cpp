#include "schema/pages/roff.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace sockwitness::schema {
namespace {

// One character of valid UTF-8 from `at` on, which is moved behind it.
std::uint32_t take_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t place) {
    return place < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[place]))
                               : 0U;
  };
  const std::uint32_t first = byte(at);
  std::size_t more = 0;
  std::uint32_t character = first;
  if (first >= 0xF0) {
    more = 3;
    character = first & 0x07U;
  } else if (first >= 0xE0) {
    more = 2;
    character = first & 0x0FU;
  } else if (first >= 0xC0) {
    more = 1;
    character = first & 0x1FU;
  }
  for (std::size_t step = 1; step <= more; ++step) {
    character = (character << 6U) | (byte(at + step) & 0x3FU);
  }
  at += more + 1;
  return character;
}

std::string_view glyph_of(std::uint32_t character) {
  switch (character) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {};
  }
}

}  // namespace

std::string escape_roff(std::string_view text) {
  std::string roff;
  if (text.starts_with('.')) {
    roff = "\\&";
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t character = take_character(text, at);
    if (const std::string_view glyph = glyph_of(character); !glyph.empty()) {
      roff += glyph;
    } else if (character >= 0x80) {
      roff += fmt::format("\\[u{:04X}]", character);
    } else {
      roff += static_cast<char>(character);
    }
  }
  return roff;
}

std::string literal_block(std::string_view text) {
  std::string roff = ".RS 2\n.nf\n";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    roff += escape_roff(line) + "\n";
  }
  return roff + ".fi\n.RE\n";
}

}  // namespace sockwitness::schema
