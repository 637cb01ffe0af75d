#include "recorder/proc/mount_table.h"

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

constexpr std::string_view kMounts =
    "21 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
    "22 21 0:21 / /proc rw - proc proc rw\n"
    "23 21 0:22 / /run rw shared:5 - tmpfs tmpfs rw\n"
    "24 23 0:4 net:[4026532000] /run/netns/blue rw shared:6 - nsfs nsfs rw\n"
    "25 23 0:54 /x /run/netns/stuck rw - fuse.sshfs host:/ rw\n"
    "26 21 0:55 / /mnt/a\\040b rw - nfs4 server:/ rw\n"
    "27 26 254:2 / /mnt/a\\040b/disk rw - xfs /dev/vdb rw\n"
    "28 21 0:56 / /srv rw - never_heard_of none rw\n";

}  // namespace

TEST_CASE("a path is local when every file system on the way is") {
  const MountTable mounts(kMounts);
  for (const char* path : {"/",
                           "/etc/passwd",
                           "/run",
                           "/run/netns/blue",
                           "/run/netns/stuck2",
                           "/mnt/a",
                           "/mnt/a bc",
                           "/srv2",
                           "/proc/self"}) {
    INFO(path);
    CHECK(mounts.is_local(path));
  }
  for (const char* path : {"/run/netns/stuck",
                           "/run/netns/stuck/below",
                           "/mnt/a b",
                           "/mnt/a b/c",
                           "/mnt/a b/disk/file",
                           "/srv/x"}) {
    INFO(path);
    CHECK_FALSE(mounts.is_local(path));
  }
}

TEST_CASE("where the mounts are not known, or the root is served, nothing is local") {
  CHECK_FALSE(MountTable().is_local("/etc"));
  CHECK_FALSE(MountTable("").is_local("/"));
  CHECK_FALSE(MountTable("23 21 0:22 / /run rw - tmpfs tmpfs rw\n").is_local("/run"));
  const MountTable served(
      "21 1 0:30 / / rw - nfs server:/ rw\n22 21 0:21 / /proc rw - proc proc rw\n");
  CHECK_FALSE(served.is_local("/etc/passwd"));
  CHECK_FALSE(served.is_local("/proc/self"));
}

}  // namespace sockwitness::recorder
