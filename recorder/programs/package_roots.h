// The package databases of all root directories that processes have, each read when first needed.
//
// In:    a process's root directory descriptor.
// Out:   that root's database; roots are told apart by device and inode.
// Never: lets a process with the recorder's own root answer from its own mounts: that database is
//        read through the recorder's root. Nobody waits for a thread that hangs with one.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <compare>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/programs/package_database.h"
#include "recorder/programs/watched_mutex.h"
#include "schema/base/time.h"

namespace sockwitness::recorder {

struct RootKey {
  dev_t device = 0;
  ino_t inode = 0;
  friend auto operator<=>(const RootKey&, const RootKey&) = default;
};

// Of one root. Thread-safe.
class PackageRoot {
 public:
  PackageRoot(RootKey key, bool own) : key_(key), own_(own) {}

  [[nodiscard]] const RootKey& key() const { return key_; }

  // Reads it on the first call. Null: there is none. `root` is a descriptor of this root. The error
  // is ETIMEDOUT where another thread hangs with it.
  Result<const PackageDatabase*> database(int root, Whereabouts* where);

  // When the database last changed, by the kernel's change times, as of the first call; nothing
  // when there is none. Cheap: does not read it.
  Result<std::optional<schema::WallTime>> changed_at(int root, Whereabouts* where);

  // For the scope of what reads on in a database that was read.
  class Visit {
   public:
    explicit Visit(PackageRoot& root);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();

   private:
    PackageRoot& root_;
  };

  // The threads that read in it now.
  [[nodiscard]] std::vector<pid_t> readers();

 private:
  RootKey key_;
  bool own_;  // the recorder's own root
  WatchedMutex mutex_;
  std::atomic<bool> asked_{false};  // then changed_at_ stays as it is, and needs no lock
  std::optional<schema::WallTime> changed_at_;
  bool read_ = false;
  std::optional<PackageDatabase> database_;
  std::optional<SysError> error_;
  std::mutex visitors_mutex_;
  std::set<pid_t> visitors_;  // under visitors_mutex_
};

// Thread-safe.
class PackageRoots {
 public:
  // Keeps at most so many databases of other roots; the one that was used longest ago goes first.
  explicit PackageRoots(std::size_t most_foreign) : most_foreign_(most_foreign) {}

  Result<std::shared_ptr<PackageRoot>> find(int root);

  // All that are known.
  [[nodiscard]] std::vector<std::shared_ptr<PackageRoot>> list();

 private:
  std::size_t most_foreign_;
  std::mutex mutex_;
  std::optional<RootKey> own_key_;
  std::shared_ptr<PackageRoot> own_;
  std::list<std::shared_ptr<PackageRoot>> foreign_;  // used last comes first
};

}  // namespace sockwitness::recorder
