#include "schema/disk/quiet_open.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>

namespace sockwitness::schema {
namespace {

// Source: "SQLite: OS Interface", xSetSystemCall; the signature is that of its own posixOpen.
int open_for_sqlite(const char* path, int flags, int mode) {
  if ((flags & O_ACCMODE) == O_RDONLY) {
    return open_quietly(path, flags);
  }
  return ::open(path, flags | O_CLOEXEC, mode);
}

}  // namespace

int open_quietly(const char* path, int flags) {
  const int fd = ::open(path, flags | O_RDONLY | O_CLOEXEC | O_NOATIME);
  // EPERM: neither the owner nor root.
  return fd < 0 && errno == EPERM ? ::open(path, flags | O_RDONLY | O_CLOEXEC) : fd;
}

void make_sqlite_quiet() {
  static const bool done = [] {
    sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
    return vfs != nullptr && vfs->iVersion >= 3 &&
           vfs->xSetSystemCall(
               vfs, "open", reinterpret_cast<sqlite3_syscall_ptr>(open_for_sqlite)) == SQLITE_OK;
  }();
  static_cast<void>(done);
}

}  // namespace sockwitness::schema
