#include "recorder/write/hang_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/os/dir.h"

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

bool is_ours(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
         status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         status.st_size <= static_cast<off_t>(kLargest);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

}  // namespace

HangText HangFile::read() const {
  const auto file = open_at(AT_FDCWD, path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!file || !is_ours(file.value().get())) {
    return {};
  }
  std::string text(kLargest, '\0');
  const ssize_t got = ::pread(file.value().get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return parse_hang_text(text);
}

bool HangFile::write(const HangText& content) const {
  if (content.hangs.empty()) {
    return ::unlink(path_.c_str()) == 0 || errno == ENOENT;
  }
  const std::string fresh = path_ + ".new";
  ::unlink(fresh.c_str());
  const UniqueFd file(::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!file.valid()) {
    return false;
  }
  if (!write_all(file.get(), format_hang_text(content)) ||
      ::rename(fresh.c_str(), path_.c_str()) != 0) {
    ::unlink(fresh.c_str());
    return false;
  }
  return true;
}

}  // namespace sockwitness::recorder
