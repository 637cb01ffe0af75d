#include "recorder/proc/environ.h"

#include "schema/base/scan.h"

namespace sockwitness::recorder {

std::string parse_preload(std::string_view environ) {
  std::string kept;
  while (!environ.empty()) {
    const std::string_view variable = schema::scan_until(environ, '\0');
    std::string_view value = variable;
    if ((schema::scan_literal(value, "LD_PRELOAD=") || schema::scan_literal(value, "LD_AUDIT=")) &&
        !value.empty()) {
      kept.append(variable).push_back('\0');
    }
  }
  return kept;
}

}  // namespace sockwitness::recorder
