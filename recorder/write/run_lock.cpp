#include "recorder/write/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "recorder/write/missed_notes.h"
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

// Guards the notes for a moment, also against the run that holds the lock.
class NotesGuard {
 public:
  explicit NotesGuard(int fd) : fd_(fd) { set(F_WRLCK); }
  NotesGuard(const NotesGuard&) = delete;
  NotesGuard& operator=(const NotesGuard&) = delete;
  ~NotesGuard() { set(F_UNLCK); }

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

std::string read_notes(int fd) {
  std::string text(kMissedNotesSize, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

struct Notes {
  std::optional<CommitNote> committed;
  std::vector<schema::MissedRun> runs;
};

Notes parse_notes(const std::string& text) {
  return {parse_commit_note(text), parse_missed_notes(text)};
}

bool write_notes(int fd, const Notes& notes) {
  const std::string text = format_missed_notes(notes.runs, notes.committed);
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
    const NotesGuard guard(fd.get());
    write_notes(fd.get(), {});  // takes its space now, while there is some
  }
  return RunLock(std::move(fd));
}

std::vector<schema::MissedRun> RunLock::read_missed() const {
  const NotesGuard guard(fd_.get());
  return parse_missed_notes(read_notes(fd_.get()));
}

std::optional<CommitNote> RunLock::read_commit() const {
  const NotesGuard guard(fd_.get());
  return parse_commit_note(read_notes(fd_.get()));
}

void RunLock::begin_writing(const std::optional<schema::LastCommit>& committed) const {
  write_commit(committed ? std::optional(CommitNote{*committed, true}) : std::nullopt, 0);
}

void RunLock::settle(const std::optional<schema::LastCommit>& committed, std::size_t runs) const {
  write_commit(committed ? std::optional(CommitNote{*committed, false}) : std::nullopt, runs);
}

void RunLock::write_commit(const std::optional<CommitNote>& note, std::size_t runs) const {
  const NotesGuard guard(fd_.get());
  Notes notes = parse_notes(read_notes(fd_.get()));
  notes.committed = note;
  notes.runs.erase(
      notes.runs.begin(),
      notes.runs.begin() + static_cast<std::ptrdiff_t>(std::min(runs, notes.runs.size())));
  // An older line protects less, but says nothing wrong: no reason to fail what is recorded.
  if (write_notes(fd_.get(), notes)) {
    ::fdatasync(fd_.get());
  }
}

bool note_missed_run(const std::string& database_path, const schema::MissedRun& run) {
  const UniqueFd fd = open_lock_file(lock_path(database_path));
  if (!fd.valid()) {
    return false;
  }
  const NotesGuard guard(fd.get());
  Notes notes = parse_notes(read_notes(fd.get()));
  notes.runs.push_back(run);
  return write_notes(fd.get(), notes);
}

}  // namespace sockwitness::recorder
