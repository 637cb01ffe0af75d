#include "recorder/proc/maps.h"

#include <sys/sysmacros.h>

#include "recorder/proc/octal.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::scan_literal;
using schema::scan_number;
using schema::scan_until;

constexpr int kHex = 16;

// "r-xp": each letter or a dash; the last is 'p' or 's'.
bool valid_permissions(std::string_view text) {
  return text.size() == 4 && (text[0] == 'r' || text[0] == '-') &&
         (text[1] == 'w' || text[1] == '-') && (text[2] == 'x' || text[2] == '-') &&
         (text[3] == 'p' || text[3] == 's');
}

// False when malformed. `mapping.path` stays empty for what is not a file.
bool parse_line(std::string_view line, ExecutableMapping& mapping, bool& executable) {
  const std::string_view whole = line;
  if (!scan_number<std::uint64_t>(line, kHex) || !scan_literal(line, "-") ||
      !scan_number<std::uint64_t>(line, kHex)) {
    return false;
  }
  const std::string_view range = whole.substr(0, whole.size() - line.size());
  if (!scan_literal(line, " ")) {
    return false;
  }
  const std::string_view permissions = scan_until(line, ' ');
  if (!valid_permissions(permissions) || !scan_number<std::uint64_t>(line, kHex) ||
      !scan_literal(line, " ")) {
    return false;
  }
  const auto major_number = scan_number<std::uint32_t>(line, kHex);
  if (!major_number || !scan_literal(line, ":")) {
    return false;
  }
  const auto minor_number = scan_number<std::uint32_t>(line, kHex);
  if (!minor_number || !scan_literal(line, " ")) {
    return false;
  }
  const auto inode = scan_number<std::uint64_t>(line);
  if (!inode || (!line.empty() && line.front() != ' ')) {
    return false;
  }
  executable = permissions[2] == 'x';
  schema::skip_blanks(line);
  if (executable && *inode != 0 && line.starts_with('/')) {
    mapping.range = range;
    mapping.device = schema::Device(makedev(*major_number, *minor_number));
    mapping.inode = schema::Inode(*inode);
    mapping.path = unescape_octal(line);
  }
  return true;
}

}  // namespace

std::optional<std::vector<ExecutableMapping>> parse_maps(std::string_view text) {
  std::vector<ExecutableMapping> mappings;
  while (!text.empty()) {
    ExecutableMapping mapping;
    bool executable = false;
    if (!parse_line(scan_until(text, '\n'), mapping, executable)) {
      return std::nullopt;
    }
    if (executable && !mapping.path.empty()) {
      mappings.push_back(std::move(mapping));
    }
  }
  return mappings;
}

}  // namespace sockwitness::recorder
