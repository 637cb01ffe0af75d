#include "query/terminal/state_file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "query/terminal/descriptor.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

[[noreturn]] void fail(std::string_view doing,
                       const std::string& path,
                       int error_number,
                       const std::string& hint) {
  throw Error(
      ExitCode::Unusable, fmt::format("{} '{}': {}", doing, path, reason_of(error_number)), hint);
}

// Nothing when it cannot be read to its end.
std::optional<std::string> read_all(int descriptor) {
  std::string text;
  std::string piece(std::size_t{64} << 10, '\0');
  for (;;) {
    const ssize_t size = ::read(descriptor, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return std::nullopt;
    }
    if (size == 0) {
      return text;
    }
    text.append(piece, 0, static_cast<std::size_t>(size));
  }
}

// Why the file is not one that a run of this user left; empty for none.
std::string objection_to(const struct stat& status, std::size_t largest) {
  if (!S_ISREG(status.st_mode)) {
    return "it is not a regular file";
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return "it belongs to somebody else";
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return "others may write to it";
  }
  return static_cast<std::size_t>(status.st_size) > largest ? "it is too large" : std::string();
}

}  // namespace

StateText read_state_text(const std::string& path, std::size_t largest) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) {
    const bool none = errno == ENOENT || errno == ENOTDIR;
    return {std::nullopt,
            none ? std::string() : fmt::format("reading '{}': {}", path, reason_of(errno))};
  }
  struct stat status {};
  std::string why =
      ::fstat(descriptor, &status) == 0 ? objection_to(status, largest) : reason_of(errno);
  StateText read;
  if (why.empty()) {
    read.text = read_all(descriptor);
    why = read.text ? std::string() : reason_of(errno);
  }
  ::close(descriptor);
  read.damage = why.empty() ? std::string() : fmt::format("reading '{}': {}", path, why);
  return read;
}

void replace_state_text(const std::string& path, std::string_view text, const std::string& hint) {
  const std::string unfinished = path + ".new";
  const int descriptor =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    fail("writing", unfinished, errno, hint);
  }
  const bool written = write_whole(descriptor, text) && ::fsync(descriptor) == 0;
  const int why = errno;
  ::close(descriptor);
  if (!written) {
    fail("writing", unfinished, why, hint);
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    fail("writing", path, errno, hint);
  }
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    ::fsync(folder_descriptor);  // some file systems cannot; the file itself is on disk
    ::close(folder_descriptor);
  }
}

void make_state_folder(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    ::mkdir(path.substr(0, at).c_str(), 0700);
  }
}

StateLock::StateLock(const std::string& path, std::chrono::seconds patience, const Words& words) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) {
    fail("locking", path, errno, words.hint);
  }
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if ((why != EWOULDBLOCK && why != EINTR) || std::chrono::steady_clock::now() >= end) {
      ::close(descriptor_);
      throw Error(
          ExitCode::Unusable,
          fmt::format("locking '{}': {}", path, why == EWOULDBLOCK ? words.busy : reason_of(why)),
          words.busy_hint);
    }
    constexpr int kPauseMs = 50;
    ::poll(nullptr, 0, kPauseMs);
  }
}

StateLock::~StateLock() {
  ::close(descriptor_);
}

}  // namespace sockwitness::query
