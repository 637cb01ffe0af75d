#include "recorder/write/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "recorder/write/missed_notes.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

std::string lock_path(const std::string& database_path) {
  return database_path + ".lock";
}

UniqueFd open_lock_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
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

bool write_notes(int fd, const std::vector<schema::MissedRun>& runs) {
  const std::string text = format_missed_notes(runs);
  return ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::optional<RunLock> RunLock::try_acquire(const std::string& database_path) {
  const std::string path = lock_path(database_path);
  UniqueFd fd = open_lock_file(path);
  if (!fd.valid()) {
    const int number = errno;
    const std::string reason =
        number == ELOOP
            ? "it is a symbolic link"
            : std::strerror(number);  // NOLINT(concurrency-mt-unsafe): before any thread starts
    throw schema::Error(schema::ExitCode::Unusable,
                        fmt::format("locking '{}': {}", path, reason),
                        number == ENOENT
                            ? "make the directory first, or choose another place with --db"
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

void RunLock::forget_missed(std::size_t count) const {
  if (count == 0) {
    return;
  }
  const NotesGuard guard(fd_.get());
  auto runs = parse_missed_notes(read_notes(fd_.get()));
  runs.erase(runs.begin(),
             runs.begin() + static_cast<std::ptrdiff_t>(std::min(count, runs.size())));
  write_notes(fd_.get(), runs);
}

bool note_missed_run(const std::string& database_path, const schema::MissedRun& run) {
  const UniqueFd fd = open_lock_file(lock_path(database_path));
  if (!fd.valid()) {
    return false;
  }
  const NotesGuard guard(fd.get());
  auto runs = parse_missed_notes(read_notes(fd.get()));
  runs.push_back(run);
  return write_notes(fd.get(), runs);
}

}  // namespace sockwitness::recorder
