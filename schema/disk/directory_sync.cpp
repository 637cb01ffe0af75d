#include "schema/disk/directory_sync.h"

#include <sqlite3.h>

#include <atomic>
#include <cerrno>

#include "schema/disk/new_file.h"

namespace sockwitness::schema {
namespace {

std::atomic<int> first_failure{0};

void note_failure(int number) {
  int none = 0;
  first_failure.compare_exchange_strong(none, number);
}

// Source: "SQLite: OS Interface", xSetSystemCall; the signature is that of its own openDirectory,
// which is asked for nothing but a descriptor to sync. Without one SQLite goes on, as it does when
// its sync fails: this sync is the only one.
int sync_directory_for_sqlite(const char* path, int* descriptor) {
  *descriptor = -1;
  if (!sync_folder_of(path)) {
    note_failure(errno);
  }
  return SQLITE_CANTOPEN;
}

}  // namespace

void watch_directory_syncs() {
  static const bool done = [] {
    sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
    return vfs != nullptr && vfs->iVersion >= 3 &&
           vfs->xSetSystemCall(vfs,
                               "openDirectory",
                               reinterpret_cast<sqlite3_syscall_ptr>(sync_directory_for_sqlite)) ==
               SQLITE_OK;
  }();
  static_cast<void>(done);
}

int take_directory_failure() {
  return first_failure.exchange(0);
}

}  // namespace sockwitness::schema
