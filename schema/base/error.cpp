#include "schema/base/error.h"

#include <string_view>

#include "schema/base/escape.h"
#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

// A command to be copied: safe on a terminal, and a backslash stays what a shell reads as one.
std::string hint_line(std::string_view line) {
  const std::string escaped = escape_terminal(line);
  std::string text;
  for (std::size_t at = 0; at < escaped.size(); ++at) {
    text += escaped[at];
    at += escaped.compare(at, 2, "\\\\") == 0 ? 1U : 0U;
  }
  return text;
}

}  // namespace

std::string error_text(const char* program, const Error& error) {
  std::string text = std::string(program) + ": " + escape_terminal(error.message()) + "\n";
  std::string_view hint = error.hint();
  while (!hint.empty()) {
    text += "  " + hint_line(scan_until(hint, '\n')) + "\n";
  }
  return text;
}

}  // namespace sockwitness::schema
