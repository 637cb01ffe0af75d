#include "schema/disk/directory_sync.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "schema/disk/new_file.h"

namespace sockwitness::schema {
namespace {

std::atomic<int> first_failure{0};

void note_failure(int number) {
  int none = 0;
  first_failure.compare_exchange_strong(none, number);
}

// Source: "SQLite: OS Interface", xSetSystemCall; the signature is that of its own openDirectory,
// which is asked for nothing but a descriptor to sync.
int open_directory_for_sqlite(const char* path, int* descriptor) {
  const int fd = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  *descriptor = fd;
  if (fd < 0 || !sync_folder(fd)) {
    note_failure(errno);
  }
  return fd < 0 ? SQLITE_CANTOPEN : SQLITE_OK;
}

}  // namespace

void watch_directory_syncs() {
  static const bool done = [] {
    sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
    return vfs != nullptr && vfs->iVersion >= 3 &&
           vfs->xSetSystemCall(vfs,
                               "openDirectory",
                               reinterpret_cast<sqlite3_syscall_ptr>(open_directory_for_sqlite)) ==
               SQLITE_OK;
  }();
  static_cast<void>(done);
}

int take_directory_failure() {
  return first_failure.exchange(0);
}

}  // namespace sockwitness::schema
