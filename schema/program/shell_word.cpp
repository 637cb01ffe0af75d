#include "schema/program/shell_word.h"

#include <fmt/format.h>

#include "schema/base/escape.h"

namespace sockwitness::schema {

std::string shell_word(std::string_view bytes) {
  std::string plain = "'";
  std::string coded = "$'";
  for (const char byte : bytes) {
    plain += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\'' || byte == '\\') {
      coded += {'\\', byte};
    } else if (code < 0x20 || code >= 0x7f) {
      coded += fmt::format("\\{:03o}", code);
    } else {
      coded += byte;
    }
  }
  std::string shown = escape_terminal(bytes);
  const bool is_plain = bytes.find('\\') == std::string_view::npos && shown == bytes;
  return (is_plain ? plain : coded) + "'";
}

}  // namespace sockwitness::schema
