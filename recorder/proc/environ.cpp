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

bool cut_preload(std::string& preload) {
  if (preload.size() <= kLongestPreload) {
    return false;
  }
  // Names end in a blank or a colon, the last one of a variable in NUL; "NAME=" is no name.
  const std::string_view kept(preload.data(), kLongestPreload);
  const auto end = kept.find_last_of(std::string_view(" :\0", 3));
  preload.resize(end == std::string_view::npos ? 0 : end);
  if (!preload.empty()) {
    preload.push_back('\0');
  }
  return true;
}

}  // namespace sockwitness::recorder
