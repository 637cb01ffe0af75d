#include "recorder/containers/state_files.h"

#include <fcntl.h>
#include <linux/openat2.h>

#include "recorder/os/dir.h"
#include "recorder/os/timespec.h"

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kLongestFile = 4U << 20U;  // bytes of a file
constexpr std::size_t kMostNames = 20'000;       // of a directory
constexpr std::size_t kMostKept = 10'000;        // files that are remembered

}  // namespace

Result<RootedFile> StateFiles::find(int root,
                                    const std::string& path,
                                    const std::optional<FilesOfUser>& user) {
  if (!user) {
    return find_below(root, path);
  }
  auto home = find_below(root, user->home);
  if (!home) {
    return home.error();
  }
  auto found = find_below(home.value().handle.get(), path, RESOLVE_NO_SYMLINKS);
  if (found && found.value().status.st_uid != user->uid) {
    return SysError{EPERM, "looking at", path};
  }
  return found;
}

StateFiles::Stamp StateFiles::stamp_of(const RootedFile& file) {
  const struct stat& status = file.status;
  return {status.st_dev,
          status.st_ino,
          status.st_size,
          to_nanoseconds(status.st_mtim),
          to_nanoseconds(status.st_ctim)};
}

Result<std::string> StateFiles::read_text(const RootedFile& file, const std::string& path) {
  if (!S_ISREG(file.status.st_mode)) {
    return SysError{EBADMSG, "reading", path};
  }
  auto content = open_content(file.handle);
  if (!content) {
    return content.error();
  }
  std::string text;
  const std::string self = "/proc/self/fd/" + std::to_string(content.value().get());
  const auto size = read_file_at(AT_FDCWD, self.c_str(), text, kLongestFile);
  if (!size) {
    return size.error();
  }
  return text;
}

std::any StateFiles::recall(const std::string& path, const Stamp& stamp) {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(path);
  return found != known_.end() && found->second.first == stamp ? found->second.second : std::any();
}

void StateFiles::keep(const std::string& path, const Stamp& stamp, std::any decoded) {
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostKept) {
    known_.clear();
  }
  known_.insert_or_assign(path, std::pair(stamp, std::move(decoded)));
}

bool StateFiles::is_older(int root,
                          const std::string& path,
                          const std::optional<FilesOfUser>& user,
                          schema::WallTime than) {
  constexpr std::int64_t kGrain = 1'000'000;  // file systems stamp with the time of the last tick
  const auto found = find(root, path, user);
  return found && S_ISREG(found.value().status.st_mode) &&
         to_nanoseconds(found.value().status.st_ctim) / 1000 < than.microseconds - kGrain;
}

Result<std::vector<std::string>> StateFiles::list(int root, const std::string& path) {
  auto found = find_below(root, path);
  if (!found) {
    return found.error();
  }
  const Stamp stamp = stamp_of(found.value());
  if (const auto known = recall(path, stamp); known.has_value()) {
    return std::any_cast<std::vector<std::string>>(known);
  }
  auto directory = open_at(found.value().handle.get(), ".", O_RDONLY | O_DIRECTORY);
  if (!directory) {
    return directory.error();
  }
  auto entries = list_directory(directory.value().get());
  if (!entries) {
    return entries.error();
  }
  if (entries.value().size() > kMostNames) {
    return SysError{EFBIG, "listing", path};
  }
  std::vector<std::string> names;
  for (DirectoryEntry& entry : entries.value()) {
    names.push_back(std::move(entry.name));
  }
  keep(path, stamp, names);
  return names;
}

}  // namespace sockwitness::recorder
