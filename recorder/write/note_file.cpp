#include "recorder/write/note_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "schema/program/shell_word.h"

namespace sockwitness::recorder {
namespace {

schema::Error unusable(std::string_view doing,
                       const std::string& path,
                       std::string_view reason,
                       std::string hint) {
  return {
      schema::ExitCode::Unusable, fmt::format("{} '{}': {}", doing, path, reason), std::move(hint)};
}

std::string hint_for(int number) {
  switch (number) {
    case ENOENT:
      return "make the directory first, or choose another place with --db";
    case EACCES:
    case EPERM:
      return "run as root, or choose a place of your own with --db";
    case ENOSPC:
    case EDQUOT:
      return "nothing recorded before is lost; make room and run again";
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP:
    case EINVAL:
      return "its file system does not lock files; choose a place on a local disk with --db";
    case EINTR:
    case EAGAIN:
      return "run again";
    case EIO:
      return "the device reports an error: look at the kernel's messages (dmesg), or choose "
             "another "
             "place with --db";
    default:
      return "choose another place with --db";
  }
}

// Only root can have given it to root: nobody else's lies stand in it.
schema::Error of_another_user(const std::string& path, uid_t user, const std::string& hint) {
  return unusable("locking",
                  path,
                  fmt::format("it belongs to another user (uid {})", user),
                  user == 0 ? fmt::format("root made it: give it to the owner of the database, as "
                                          "root: chown {} {}",
                                          ::geteuid(),
                                          schema::shell_word(path))
                            : hint);
}

// What another user may write could tell us lies, what has another name may be anything.
void require_own(const std::string& path, const struct stat& status) {
  const std::string hint =
      "no recorder made it so; look at it, then: rm " + schema::shell_word(path);
  if (!S_ISREG(status.st_mode)) {
    throw unusable("locking", path, "it is not a regular file", hint);
  }
  if (status.st_nlink != 1) {
    throw unusable("locking", path, "it has more than one name (hard link)", hint);
  }
  if (status.st_uid != ::geteuid()) {
    throw of_another_user(path, status.st_uid, hint);
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw unusable("locking",
                   path,
                   fmt::format("others may write it (mode {:04o})", status.st_mode & 07777U),
                   "if nobody changed it: chmod go-w " + schema::shell_word(path));
  }
}

// Guards the text for a moment, also against the run that holds the lock. Where the file system
// knows no locks, no other run can hold one either, and the text goes unguarded.
class TextGuard {
 public:
  explicit TextGuard(const NoteFile& file) : file_(file) { take(); }
  TextGuard(const TextGuard&) = delete;
  TextGuard& operator=(const TextGuard&) = delete;
  ~TextGuard() { static_cast<void>(set(F_UNLCK)); }

 private:
  [[nodiscard]] int set(short type) const {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    return ::fcntl(file_.fd(), F_OFD_SETLK, &range) == 0 ? 0 : errno;
  }

  void take() const {
    constexpr int kTurns = 400;  // two seconds
    constexpr timespec kPause{0, 5'000'000};
    int number = EAGAIN;
    for (int turn = 0; turn < kTurns; ++turn) {
      number = set(F_WRLCK);
      if (number != EAGAIN && number != EACCES && number != EINTR) {
        return;
      }
      ::nanosleep(&kPause, nullptr);
    }
    throw number == EINTR
        ? file_.failure("locking the text of", number)
        : unusable("locking the text of",
                   file_.path(),
                   "another program has kept it for two seconds",
                   "see which recorder does: ps -C sockwitness-rec -o pid,stat,lstart,args");
  }

  const NoteFile& file_;
};

}  // namespace

schema::Error NoteFile::failure(std::string_view doing, int number) const {
  return unusable(doing, path_, std::generic_category().message(number), hint_for(number));
}

NoteFile NoteFile::open(const std::string& path, IfAbsent absent) {
  const int make = absent == IfAbsent::Make ? O_CREAT : 0;
  UniqueFd fd(
      ::open(path.c_str(), O_RDWR | make | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
  if (!fd.valid()) {
    const int number = errno;
    struct stat refused {};
    if (number == EACCES && ::lstat(path.c_str(), &refused) == 0 && S_ISREG(refused.st_mode)) {
      require_own(path, refused);
    }
    throw unusable(
        "locking",
        path,
        number == ELOOP ? "it is a symbolic link" : std::generic_category().message(number),
        number == ELOOP ? "no recorder made it so; look at it, then: rm " + schema::shell_word(path)
                        : hint_for(number));
  }
  NoteFile file(path, std::move(fd));
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) {
    throw file.failure("looking at", errno);
  }
  require_own(path, status);
  if ((status.st_mode & (S_IRGRP | S_IROTH)) != 0) {  // made by an earlier version
    static_cast<void>(::fchmod(file.fd(), 0600));
  }
  return file;
}

namespace {

// What of the size could be read or written; -1 and errno when nothing more could. Interrupted
// calls are repeated, but not for ever.
template <class Transfer>
ssize_t transfer_whole(std::size_t size, Transfer transfer) {
  constexpr int kMostInterruptions = 10;
  std::size_t done = 0;
  for (int interruptions = 0; done < size;) {
    const ssize_t moved = transfer(done);
    if (moved < 0 && errno == EINTR && ++interruptions < kMostInterruptions) {
      continue;
    }
    if (moved < 0) {
      return -1;
    }
    if (moved == 0) {
      break;
    }
    done += static_cast<std::size_t>(moved);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace

LockText NoteFile::read_unguarded() const {
  std::array<char, kLockTextSize> text{};
  const ssize_t got = transfer_whole(text.size(), [&](std::size_t at) {
    return ::pread(fd(), text.data() + at, text.size() - at, static_cast<off_t>(at));
  });
  if (got < 0) {
    throw failure("reading", errno);
  }
  return parse_lock_text({text.data(), static_cast<std::size_t>(got)});
}

LockText NoteFile::read() const {
  const TextGuard guard(*this);
  return read_unguarded();
}

void NoteFile::update(const std::function<void(LockText&)>& change, Sync sync) const {
  const TextGuard guard(*this);
  LockText content = read_unguarded();
  if (content.unreadable > 0) {
    struct stat status {};
    if (::fstat(fd(), &status) != 0) {
      throw failure("looking at", errno);
    }
    account_for_damage(content,
                       schema::WallTime{status.st_mtim.tv_sec * std::int64_t{1'000'000} +
                                        status.st_mtim.tv_nsec / 1000});
  }
  change(content);
  const std::string text = format_lock_text(std::move(content));
  const ssize_t written = transfer_whole(text.size(), [&](std::size_t at) {
    return ::pwrite(fd(), text.data() + at, text.size() - at, static_cast<off_t>(at));
  });
  if (written != static_cast<ssize_t>(text.size())) {
    throw failure("writing", written < 0 ? errno : ENOSPC);
  }
  if (sync == Sync::Yes && ::fdatasync(fd()) != 0) {
    throw failure("writing", errno);
  }
}

}  // namespace sockwitness::recorder
