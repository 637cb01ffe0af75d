#include "recorder/write/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "recorder/os/unique_fd.h"
#include "schema/base/error.h"
#include "schema/disk/waiting.h"

namespace sockwitness::recorder {
namespace {

schema::Error failure(std::string_view doing,
                      const std::string& path,
                      std::string_view reason,
                      std::string hint) {
  return {
      schema::ExitCode::Unusable, fmt::format("{} '{}': {}", doing, path, reason), std::move(hint)};
}

schema::Error system_failure(std::string_view doing, const std::string& path, int number) {
  return failure(doing,
                 path,
                 std::generic_category().message(number),
                 number == ENOSPC || number == EDQUOT ? "make room and run again"
                                                      : "look at the file and its directory");
}

bool write_whole(int fd, std::string_view bytes) {
  constexpr int kMostInterruptions = 10;
  for (int interruptions = 0; !bytes.empty();) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR && ++interruptions < kMostInterruptions) {
      continue;
    }
    if (written <= 0) {
      errno = written < 0 ? errno : ENOSPC;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// False and errno. What has its name must keep it when the power fails.
// A file system that cannot do that is none where anything could be kept better.
bool sync_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.valid() && (::fsync(fd.get()) == 0 || errno == EINVAL);
}

// False and errno; never over another file. Not every file system does that in one step: the lock
// is held, so nobody else makes such names.
bool rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return false;
  }
  struct stat status {};
  if (::lstat(to.c_str(), &status) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

// What can be tried again: the file is not to blame.
bool is_passing(int number) {
  return number == ENOMEM || number == EMFILE || number == ENFILE || number == EINTR;
}

[[noreturn]] void throw_unreadable(const std::string& path, int number) {
  if (is_passing(number)) {
    throw system_failure("taking in", path, number);
  }
  throw SpoolRefusal(std::generic_category().message(number));
}

// Throws for what another user could have put there or could change.
UniqueFd open_own(const std::string& path, std::uint64_t most, struct stat& status) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid() && errno == ELOOP) {
    throw SpoolRefusal("it is a symbolic link");
  }
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    throw_unreadable(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    throw SpoolRefusal("it is not a regular file");
  }
  if (status.st_nlink != 1) {
    throw SpoolRefusal("it has more than one name (hard link)");
  }
  if (status.st_uid != ::geteuid()) {
    throw SpoolRefusal(fmt::format("it belongs to another user (uid {})", status.st_uid));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw SpoolRefusal(fmt::format("others may write it (mode {:04o})", status.st_mode & 07777U));
  }
  if (static_cast<std::uint64_t>(status.st_size) > most) {
    throw SpoolRefusal(fmt::format("it is too large ({} bytes, at most {})", status.st_size, most));
  }
  return fd;
}

std::string read_from(int fd, const std::string& path, off_t at, std::size_t size) {
  constexpr int kMostInterruptions = 10;
  std::string bytes(size, '\0');
  std::size_t done = 0;
  for (int interruptions = 0; done < size;) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, size - done, at + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR && ++interruptions < kMostInterruptions) {
      continue;
    }
    if (got < 0) {
      throw_unreadable(path, errno);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

Spool::Spool(std::string database_path, SpoolLimits limits)
    : database_(std::move(database_path)),
      limits_(limits),
      waiting_(schema::list_waiting(database_)) {
}

std::string Spool::path_of(std::uint32_t number) const {
  return schema::spool_path(database_, number);
}

std::uint32_t Spool::next() const {
  return waiting_.empty() ? 1 : waiting_.back() + 1;
}

void Spool::require_room(std::uint64_t bytes) const {
  const std::string all = database_ + ".spool-…";
  const char* hint = "see what keeps the database, and make it end; the next run takes them in";
  if (waiting_.size() >= limits_.files || next() == 0) {
    throw failure("putting the snapshot aside as",
                  all,
                  fmt::format("{} snapshots wait there already", waiting_.size()),
                  hint);
  }
  if (bytes > limits_.file_bytes) {
    throw failure("putting the snapshot aside as",
                  all,
                  fmt::format("it is too large ({} bytes of {})", bytes, limits_.file_bytes),
                  hint);
  }
  for (const std::uint32_t number : waiting_) {
    struct stat status {};
    if (::lstat(path_of(number).c_str(), &status) == 0) {
      bytes += static_cast<std::uint64_t>(status.st_size);
    }
  }
  if (bytes > limits_.all_bytes) {
    throw failure(
        "putting the snapshot aside as",
        all,
        fmt::format("what waits there would take {} bytes of {}", bytes, limits_.all_bytes),
        hint);
  }
}

void Spool::put(std::uint32_t number, std::string_view bytes) {
  constexpr std::string_view kDoing = "putting the snapshot aside as";
  require_room(bytes.size());
  const std::string target = path_of(number);
  const std::string unfinished = database_ + ".spool-new";  // of a run that did not end
  if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT) {
    throw system_failure(kDoing, unfinished, errno);
  }
  const UniqueFd fd(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  bool done = fd.valid() && write_whole(fd.get(), bytes) && ::fsync(fd.get()) == 0 &&
              rename_new(unfinished, target);
  int error = errno;
  if (done && !sync_directory_of(target)) {
    error = errno;
    done = false;
    ::unlink(target.c_str());
  }
  if (!done) {
    ::unlink(unfinished.c_str());
    throw system_failure(kDoing, target, error);
  }
  waiting_.push_back(number);
}

std::string Spool::read(std::uint32_t number) const {
  const std::string path = path_of(number);
  struct stat status {};
  const UniqueFd fd = open_own(path, limits_.file_bytes, status);
  return read_from(fd.get(), path, 0, static_cast<std::size_t>(status.st_size));
}

std::optional<SpoolLabel> Spool::read_label(std::uint32_t number) const {
  try {
    const std::string path = path_of(number);
    struct stat status {};
    const UniqueFd fd = open_own(path, limits_.file_bytes, status);
    const off_t at = status.st_size - static_cast<off_t>(kSpoolLabelSize);
    return at < 0 ? std::nullopt
                  : parse_spool_label(read_from(fd.get(), path, at, kSpoolLabelSize));
  } catch (const schema::Error&) {
    return std::nullopt;  // said when it is to be taken in
  }
}

void Spool::remove(std::uint32_t number) {
  const std::string path = path_of(number);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw system_failure("removing", path, errno);
  }
  forget(number);
}

std::string Spool::set_aside(std::uint32_t number) {
  const std::string path = path_of(number);
  constexpr int kMost = 10'000;
  int error = EEXIST;
  for (int turn = 1; error == EEXIST && turn < kMost; ++turn) {
    const std::string target =
        path + ".refused" + (turn == 1 ? std::string() : fmt::format("-{}", turn));
    if (rename_new(path, target)) {
      forget(number);
      return target;
    }
    error = errno;
  }
  throw system_failure("setting aside", path, error);
}

void Spool::forget(std::uint32_t number) {
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), number), waiting_.end());
}

}  // namespace sockwitness::recorder
