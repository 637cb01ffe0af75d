#include "recorder/proc/bare_proc.h"

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sockwitness::recorder {

// By number: a C library before 2.36 has no names for these calls.
Result<UniqueFd> open_bare_proc() {
  const UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC)));
  if (!context.valid() ||
      ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return last_error("making", "a process file system");
  }
  UniqueFd root(
      static_cast<int>(::syscall(SYS_fsmount,
                                 context.get(),
                                 FSMOUNT_CLOEXEC,
                                 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)));
  if (!root.valid()) {
    return last_error("mounting", "a process file system");
  }
  return root;
}

}  // namespace sockwitness::recorder
