#include "recorder/programs/package_roots.h"

#include <fcntl.h>
#include <sys/stat.h>

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

Result<const PackageDatabase*> PackageRoot::database(int root) {
  const std::scoped_lock lock(mutex_);
  if (!read_) {
    read_ = true;
    const Door door(own_, root);
    auto database = PackageDatabase::read_from(door.get());
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

std::optional<schema::WallTime> PackageRoot::changed_at(int root) {
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
  return latest;
}

Result<std::shared_ptr<PackageRoot>> PackageRoots::find(int root) {
  struct stat status {};
  if (::fstat(root, &status) != 0) {
    return last_error("looking at", "root directory");
  }
  const RootKey key{status.st_dev, status.st_ino};
  const std::scoped_lock lock(mutex_);
  if (!own_key_) {
    const auto own = stat_at(AT_FDCWD, "/");
    if (!own) {
      return own.error();
    }
    own_key_ = RootKey{own.value().st_dev, own.value().st_ino};
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

}  // namespace sockwitness::recorder
