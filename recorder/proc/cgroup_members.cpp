#include "recorder/proc/cgroup_members.h"

#include "recorder/os/dir.h"
#include "recorder/proc/mountinfo.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

std::vector<std::string> find_hierarchies(std::string_view mountinfo) {
  std::vector<std::string> places;
  for (const MountLine& mount : parse_mountinfo(mountinfo, {})) {
    const bool systemd =
        mount.type == "cgroup" && mount.super_options.find("name=systemd") != std::string::npos;
    if (mount.type == "cgroup2" || systemd) {
      places.push_back(mount.mount_point);
    }
  }
  return places;
}

}  // namespace

std::vector<schema::Pid> parse_members(std::string_view text) {
  std::vector<schema::Pid> members;
  while (!text.empty()) {
    const auto pid = schema::parse_number<std::int32_t>(schema::scan_until(text, '\n'));
    if (pid && *pid > 0) {
      members.emplace_back(*pid);
    }
  }
  return members;
}

std::vector<schema::Pid> read_members(std::string_view mountinfo,
                                      int host,
                                      const std::vector<std::string>& cgroups) {
  std::vector<schema::Pid> members;
  std::string text;
  for (const std::string& place : find_hierarchies(mountinfo)) {
    for (const std::string& cgroup : cgroups) {
      const std::string path = (place + cgroup + "/cgroup.procs").substr(1);
      if (read_file_at(host, path.c_str(), text)) {
        const auto found = parse_members(text);
        members.insert(members.end(), found.begin(), found.end());
      }
    }
  }
  return members;
}

}  // namespace sockwitness::recorder
