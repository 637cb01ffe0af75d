#include "recorder/programs/package_roots.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "recorder/os/dir.h"
#include "recorder/programs/rooted_open.h"

namespace sockwitness::recorder {
namespace {

// What dpkg rewrites, or renames into, with every change.
constexpr std::array<const char*, 3> kWitnesses = {
    "var/lib/dpkg/status", "var/lib/dpkg/info", "var/lib/dpkg/diversions"};

schema::WallTime wall_time(const timespec& time) {
  constexpr std::int64_t kMicros = 1'000'000;
  return {static_cast<std::int64_t>(time.tv_sec) * kMicros + time.tv_nsec / 1000};
}

// The descriptor to read through: our own "/" for our own root.
class Door {
 public:
  Door(bool own, int root) : root_(root) {
    if (own) {
      if (auto opened = open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY); opened) {
        held_ = std::move(opened.value());
        root_ = held_.get();
      }
    }
  }
  [[nodiscard]] int get() const { return root_; }

 private:
  UniqueFd held_;
  int root_;
};

}  // namespace

PackageRoot::Visit::Visit(PackageRoot& root) : root_(root) {
  const std::scoped_lock lock(root_.visitors_mutex_);
  root_.visitors_.insert(::gettid());
}

PackageRoot::Visit::~Visit() {
  const std::scoped_lock lock(root_.visitors_mutex_);
  root_.visitors_.erase(::gettid());
}

std::vector<pid_t> PackageRoot::readers() {
  const std::scoped_lock lock(visitors_mutex_);
  std::vector<pid_t> readers(visitors_.begin(), visitors_.end());
  if (const pid_t owner = mutex_.owner(); owner != 0 && !visitors_.contains(owner)) {
    readers.push_back(owner);
  }
  return readers;
}

Result<const PackageDatabase*> PackageRoot::database(int root, Whereabouts* where) {
  const WatchedLock lock(mutex_, where);
  if (!lock.held()) {
    return SysError{ETIMEDOUT, "waiting for", "var/lib/dpkg"};
  }
  if (!read_) {
    read_ = true;
    const Door door(own_, root);
    auto database = PackageDatabase::read_from(door.get(), [&] { mutex_.tick(where); });
    if (database) {
      database_ = std::move(database.value());
    } else if (database.error().number != ENOENT && database.error().number != ENOTDIR) {
      error_ = database.error();
    }
  }
  if (error_) {
    return *error_;
  }
  return database_ ? &*database_ : nullptr;
}

Result<std::optional<schema::WallTime>> PackageRoot::changed_at(int root, Whereabouts* where) {
  if (asked_.load(std::memory_order_acquire)) {
    return changed_at_;
  }
  const WatchedLock lock(mutex_, where);
  if (!lock.held()) {
    return SysError{ETIMEDOUT, "waiting for", "var/lib/dpkg"};
  }
  if (asked_.load(std::memory_order_relaxed)) {
    return changed_at_;
  }
  const Door door(own_, root);
  std::optional<schema::WallTime> latest;
  for (const char* path : kWitnesses) {
    const auto witness = open_in_root(door.get(), path, O_PATH);
    if (!witness) {
      continue;
    }
    struct stat status {};
    if (::fstat(witness.value().get(), &status) == 0) {
      latest = std::max(latest, std::optional(wall_time(status.st_ctim)));
    }
  }
  changed_at_ = latest;
  asked_.store(true, std::memory_order_release);
  return changed_at_;
}

Result<std::shared_ptr<PackageRoot>> PackageRoots::find(int root) {
  const auto status = read_identity_at(root, "", AT_EMPTY_PATH);
  if (!status) {
    return SysError{status.error().number, "looking at", "root directory"};
  }
  const RootKey key{status.value().device, status.value().inode};
  const std::scoped_lock lock(mutex_);
  if (!own_key_) {
    const auto own = read_identity_at(AT_FDCWD, "/");
    if (!own) {
      return own.error();
    }
    own_key_ = RootKey{own.value().device, own.value().inode};
    own_ = std::make_shared<PackageRoot>(*own_key_, true);
  }
  if (key == *own_key_) {
    return own_;
  }
  const auto known = std::find_if(
      foreign_.begin(), foreign_.end(), [&](const auto& entry) { return entry->key() == key; });
  if (known != foreign_.end()) {
    foreign_.splice(foreign_.begin(), foreign_, known);
    return foreign_.front();
  }
  if (foreign_.size() >= most_foreign_ && !foreign_.empty()) {
    foreign_.pop_back();
  }
  foreign_.push_front(std::make_shared<PackageRoot>(key, false));
  return foreign_.front();
}

std::vector<std::shared_ptr<PackageRoot>> PackageRoots::list() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<PackageRoot>> roots(foreign_.begin(), foreign_.end());
  if (own_) {
    roots.push_back(own_);
  }
  return roots;
}

}  // namespace sockwitness::recorder
