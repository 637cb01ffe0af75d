#include "schema/base/error.h"

#include <string_view>

#include "schema/base/escape.h"
#include "schema/base/scan.h"

namespace sockwitness::schema {

std::string error_text(const char* program, const Error& error) {
  std::string text = std::string(program) + ": " + escape_terminal(error.message()) + "\n";
  std::string_view hint = error.hint();
  while (!hint.empty()) {
    text += "  " + escape_terminal(scan_until(hint, '\n')) + "\n";
  }
  return text;
}

}  // namespace sockwitness::schema
