#include "recorder/proc/octal.h"

namespace sockwitness::recorder {
namespace {

bool is_octal(char digit) {
  return digit >= '0' && digit <= '7';
}

}  // namespace

std::string unescape_octal(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' &&
                        is_octal(text[i + 1]) && is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escape) {
      bytes.push_back(text[i]);
      continue;
    }
    const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    bytes.push_back(static_cast<char>(value));
    i += 3;
  }
  return bytes;
}

}  // namespace sockwitness::recorder
