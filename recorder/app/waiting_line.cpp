#include <fcntl.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "recorder/os/dir.h"
#include "recorder/proc/mountinfo.h"
#include "schema/base/escape.h"

namespace sockwitness::recorder {
namespace {

// The mount point of a file system, or nothing.
std::string find_mount_point(schema::Device device, std::string_view mountinfo) {
  for (const MountLine& mount : parse_mountinfo(mountinfo, {})) {
    if (mount.device == device) {
      return mount.mount_point;
    }
  }
  return {};
}

std::string describe(const Hang& hang, std::string_view mountinfo) {
  if (!hang.path.empty()) {
    return fmt::format("'{}'", schema::escape_terminal(hang.path));
  }
  if (hang.what == kPackagesHang) {
    return "a package database";
  }
  if (const auto place = find_mount_point(hang.device, mountinfo);
      hang.device != schema::Device() && !place.empty()) {
    return fmt::format("the file system at '{}'", schema::escape_terminal(place));
  }
  return hang.pid ? fmt::format("the {} of process {}", hang.what, hang.pid->value())
                  : fmt::format("the {} of the host", hang.what);
}

}  // namespace

std::string waiting_line(const std::vector<Hang>& hangs, std::string_view mountinfo) {
  if (hangs.empty()) {
    return {};
  }
  std::set<std::string> places;
  schema::WallTime since = hangs.front().since;
  for (const Hang& hang : hangs) {
    places.insert(describe(hang, mountinfo));
    since = std::min(since, hang.since);
  }
  const std::string more =
      places.size() > 1 ? fmt::format(" and {} more", places.size() - 1) : std::string();
  return fmt::format("{}{} does not answer since {}: it is not asked again before it does",
                     *places.begin(),
                     more,
                     schema::format_utc(since));
}

void tell_waiting(const std::vector<Hang>& hangs) {
  std::string mountinfo;
  static_cast<void>(read_file_at(AT_FDCWD, "/proc/self/mountinfo", mountinfo).ok());
  tell(waiting_line(hangs, mountinfo));
}

}  // namespace sockwitness::recorder
