#include "recorder/proc/mountinfo.h"

#include <sys/sysmacros.h>

#include "recorder/proc/octal.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::scan_literal;
using schema::scan_number;
using schema::scan_until;

std::optional<MountLine> parse_line(std::string_view line, std::string_view type) {
  if (!scan_number<std::uint32_t>(line) || !scan_literal(line, " ") ||
      !scan_number<std::uint32_t>(line) || !scan_literal(line, " ")) {
    return std::nullopt;
  }
  const auto major_number = scan_number<std::uint32_t>(line);
  if (!major_number || !scan_literal(line, ":")) {
    return std::nullopt;
  }
  const auto minor_number = scan_number<std::uint32_t>(line);
  if (!minor_number || !scan_literal(line, " ")) {
    return std::nullopt;
  }
  const std::string_view root = scan_until(line, ' ');
  const std::string_view mount_point = scan_until(line, ' ');
  const std::string_view options = scan_until(line, ' ');
  bool separated = false;
  while (!line.empty() && !separated) {
    separated = scan_until(line, ' ') == "-";
  }
  const std::string_view found_type = scan_until(line, ' ');
  const std::string_view source = scan_until(line, ' ');
  if (!separated || root.empty() || mount_point.empty() || options.empty() || found_type.empty() ||
      source.empty() || (!type.empty() && found_type != type)) {
    return std::nullopt;
  }
  return MountLine{schema::Device(makedev(*major_number, *minor_number)),
                   unescape_octal(root),
                   unescape_octal(mount_point),
                   std::string(found_type),
                   unescape_octal(line)};
}

}  // namespace

std::vector<MountLine> parse_mountinfo(std::string_view text, std::string_view type) {
  std::vector<MountLine> mounts;
  while (!text.empty()) {
    if (auto mount = parse_line(scan_until(text, '\n'), type)) {
      mounts.push_back(std::move(*mount));
    }
  }
  return mounts;
}

bool is_mountinfo(std::string_view text) {
  if (!text.ends_with('\n')) {
    return false;
  }
  while (!text.empty()) {
    if (!parse_line(scan_until(text, '\n'), {})) {
      return false;
    }
  }
  return true;
}

std::set<schema::Pid> find_covered(std::string_view text) {
  std::set<schema::Pid> covered;
  for (const MountLine& mount : parse_mountinfo(text, {})) {
    std::string_view place = mount.mount_point;
    if (!scan_literal(place, "/proc/")) {
      continue;
    }
    if (const auto pid = schema::parse_number<std::int32_t>(scan_until(place, '/'));
        pid && *pid > 0) {
      covered.insert(schema::Pid(*pid));
    }
  }
  return covered;
}

ProcHiding parse_proc_hiding(std::string_view super_options) {
  ProcHiding hiding;
  bool by_trace = false;
  while (!super_options.empty()) {
    std::string_view option = scan_until(super_options, ',');
    if (scan_literal(option, "hidepid=")) {
      hiding.hides = option != "0" && option != "off";
      by_trace = option == "4" || option == "ptraceable";
    } else if (scan_literal(option, "gid=")) {
      if (const auto gid = schema::parse_number<std::uint32_t>(option)) {
        hiding.exempt_group = schema::Gid(*gid);
      }
    }
  }
  if (by_trace) {
    hiding.exempt_group.reset();
  }
  return hiding;
}

}  // namespace sockwitness::recorder
