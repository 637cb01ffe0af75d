#include "recorder/proc/mount_table.h"

#include <algorithm>
#include <array>

#include "recorder/proc/mountinfo.h"

namespace sockwitness::recorder {
namespace {

// An overlay waits for what lies below it, which nobody can see; but the recorder runs from one in
// every container. Source: proc(5), /proc/filesystems; fs/ of Linux.
constexpr std::array<std::string_view, 39> kLocal = {
    "bcachefs", "binfmt_misc", "bpf",    "btrfs",      "cgroup",    "cgroup2",   "configfs",
    "cramfs",   "debugfs",     "devpts", "devtmpfs",   "efivarfs",  "erofs",     "exfat",
    "ext2",     "ext3",        "ext4",   "f2fs",       "fusectl",   "hugetlbfs", "iso9660",
    "jffs2",    "mqueue",      "nsfs",   "ntfs3",      "overlay",   "proc",      "pstore",
    "ramfs",    "reiserfs",    "rootfs", "securityfs", "selinuxfs", "squashfs",  "sysfs",
    "tmpfs",    "tracefs",     "vfat",   "xfs"};

bool is_below(std::string_view path, std::string_view folder) {
  return folder == "/" || path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

MountTable::MountTable(std::string_view mountinfo) {
  for (MountLine& mount : parse_mountinfo(mountinfo, {})) {
    known_ = known_ || mount.mount_point == "/";
    if (std::find(kLocal.begin(), kLocal.end(), mount.type) == kLocal.end()) {
      foreign_.push_back(std::move(mount.mount_point));
    }
  }
}

bool MountTable::is_local(std::string_view path) const {
  return known_ && std::none_of(foreign_.begin(), foreign_.end(), [&](const std::string& folder) {
           return is_below(path, folder);
         });
}

}  // namespace sockwitness::recorder
