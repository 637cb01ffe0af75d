#include "schema/disk/kept_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "schema/disk/database_file.h"
#include "schema/disk/new_file.h"
#include "schema/disk/private_copy.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::schema {
namespace {

// False as well when one of them cannot be read: then it is no copy that one could rely on.
bool is_same_content(int one, int other) {
  struct stat first {};
  struct stat second {};
  if (::fstat(one, &first) != 0 || ::fstat(other, &second) != 0 || !S_ISREG(second.st_mode) ||
      first.st_size != second.st_size) {
    return false;
  }
  std::vector<char> left(std::size_t{1} << 16);
  std::vector<char> right(left.size());
  for (off_t at = 0; at < first.st_size;) {
    const ssize_t got = ::pread(one, left.data(), left.size(), at);
    if (got <= 0 || ::pread(other, right.data(), static_cast<std::size_t>(got), at) != got ||
        std::string_view(left.data(), static_cast<std::size_t>(got)) !=
            std::string_view(right.data(), static_cast<std::size_t>(got))) {
      return false;
    }
    at += got;
  }
  return true;
}

bool is_copy_of(const std::string& source, const std::string& target) {
  const int one = open_quietly(source.c_str(), O_NOFOLLOW);
  const int other = open_quietly(target.c_str(), O_NOFOLLOW | O_NONBLOCK);
  const bool same = one >= 0 && other >= 0 && is_same_content(one, other);
  ::close(one);
  ::close(other);
  return same;
}

// False and errno when that fails. What a run left that was killed here is made anew.
bool copy_synced(const std::string& source, const std::string& target) {
  if (::unlink(target.c_str()) != 0 && errno != ENOENT) {
    return false;
  }
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  const bool done = fd >= 0 && copy_file(source, fd) && ::fsync(fd) == 0;
  const int number = errno;
  ::close(fd);
  errno = number;
  return done;
}

}  // namespace

std::string keep_copy(const std::string& path, const char* suffix) {
  const std::string source = path + suffix;
  std::string target;
  for (int number = 1;; ++number) {
    target = fmt::format("{}.kept-{}", source, number);
    if (!exists(target)) {
      break;
    }
    if (is_copy_of(source, target)) {
      return target;
    }
  }
  const std::string part = source + ".kept.part";
  if (!copy_synced(source, part) || std::rename(part.c_str(), target.c_str()) != 0 ||
      !sync_folder_of(path)) {
    const int number = errno;
    ::unlink(part.c_str());
    throw unusable(path,
                   fmt::format("keeping a copy of its journal as '{}': {}",
                               target,
                               std::generic_category().message(number)),
                   "nothing was changed; make room and run again");
  }
  return target;
}

}  // namespace sockwitness::schema
