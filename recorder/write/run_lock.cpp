#include "recorder/write/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/shell_word.h"

namespace sockwitness::recorder {
namespace {

std::string lock_path(const std::string& database_path) {
  return database_path + ".lock";
}

schema::Error unusable_lock(const std::string& path, std::string_view reason, std::string hint) {
  return {
      schema::ExitCode::Unusable, fmt::format("locking '{}': {}", path, reason), std::move(hint)};
}

// Invalid with errno for what cannot be opened. Throws for what is no lock file of ours: what
// another user may write could tell us lies, what has another name may be anything.
UniqueFd open_lock_file(const std::string& path) {
  UniqueFd fd(::open(
      path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0640));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return fd;
  }
  const std::string hint =
      "no recorder made it so; look at it, then: rm " + schema::shell_word(path);
  if (!S_ISREG(status.st_mode)) {
    throw unusable_lock(path, "it is not a regular file", hint);
  }
  if (status.st_nlink != 1) {
    throw unusable_lock(path, "it has more than one name (hard link)", hint);
  }
  if (status.st_uid != ::geteuid()) {
    throw unusable_lock(
        path, fmt::format("it belongs to another user (uid {})", status.st_uid), hint);
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw unusable_lock(path,
                        fmt::format("others may write it (mode {:04o})", status.st_mode & 07777U),
                        "if nobody changed it: chmod go-w " + schema::shell_word(path));
  }
  return fd;
}

// Guards the text for a moment, also against the run that holds the lock.
class TextGuard {
 public:
  explicit TextGuard(int fd) : fd_(fd) { set(F_WRLCK); }
  TextGuard(const TextGuard&) = delete;
  TextGuard& operator=(const TextGuard&) = delete;
  ~TextGuard() { set(F_UNLCK); }

 private:
  void set(short type) const {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    while (::fcntl(fd_, F_OFD_SETLKW, &range) != 0 && errno == EINTR) {
    }
  }
  int fd_;
};

LockText read_text(int fd) {
  std::string text(kLockTextSize, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return parse_lock_text(text);
}

bool write_text(int fd, LockText content) {
  const std::string text = format_lock_text(std::move(content));
  return ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::optional<RunLock> RunLock::try_acquire(const std::string& database_path) {
  const std::string path = lock_path(database_path);
  UniqueFd fd = open_lock_file(path);
  if (!fd.valid()) {
    const int number = errno;
    throw unusable_lock(
        path,
        number == ELOOP ? "it is a symbolic link" : std::generic_category().message(number),
        number == ENOENT   ? "make the directory first, or choose another place with --db"
        : number == EACCES ? "run as root, or choose a place of your own with --db"
                           : "choose another place with --db");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return std::nullopt;
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0 && status.st_size == 0) {
    const TextGuard guard(fd.get());
    write_text(fd.get(), {});  // takes its space now, while there is some
  }
  return RunLock(std::move(fd));
}

std::vector<schema::MissedRun> RunLock::read_missed() const {
  const TextGuard guard(fd_.get());
  return read_text(fd_.get()).missed;
}

std::optional<CommitNote> RunLock::read_commit() const {
  const TextGuard guard(fd_.get());
  return read_text(fd_.get()).committed;
}

void RunLock::begin_writing(const std::optional<schema::LastCommit>& committed) const {
  write_commit(committed ? std::optional(CommitNote{*committed, true}) : std::nullopt, 0);
}

void RunLock::settle(const std::optional<schema::LastCommit>& committed, std::size_t runs) const {
  write_commit(committed ? std::optional(CommitNote{*committed, false}) : std::nullopt, runs);
}

void RunLock::write_commit(const std::optional<CommitNote>& note, std::size_t runs) const {
  const TextGuard guard(fd_.get());
  LockText content = read_text(fd_.get());
  content.committed = note;
  auto& missed = content.missed;
  missed.erase(missed.begin(),
               missed.begin() + static_cast<std::ptrdiff_t>(std::min(runs, missed.size())));
  // An older line protects less, but says nothing wrong: no reason to fail what is recorded.
  if (write_text(fd_.get(), std::move(content))) {
    ::fdatasync(fd_.get());
  }
}

bool note_missed_run(const std::string& database_path, const schema::MissedRun& run) {
  const UniqueFd fd = open_lock_file(lock_path(database_path));
  if (!fd.valid()) {
    return false;
  }
  const TextGuard guard(fd.get());
  LockText content = read_text(fd.get());
  content.missed.push_back(run);
  return write_text(fd.get(), std::move(content));
}

}  // namespace sockwitness::recorder
