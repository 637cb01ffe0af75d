#include "schema/disk/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "schema/disk/file_head.h"
#include "schema/disk/migrate.h"
#include "schema/disk/new_file.h"
#include "schema/disk/quiet_open.h"
#include "schema/program/shell_word.h"

namespace sockwitness::schema {
namespace {

// Who else could change what we write, or put something else in its place.
void require_private(const std::string& path, const struct stat& status) {
  if (status.st_nlink != 1) {
    throw unusable(path,
                   "it has more than one name (hard link)",
                   "evidence is written only to a file with one name");
  }
  if (status.st_uid != ::geteuid()) {
    throw unusable(path,
                   fmt::format("it belongs to another user (uid {})", status.st_uid),
                   fmt::format("record as that user: setpriv --reuid={} --regid={} --clear-groups "
                               "sockwitness-recorder ..., or choose another place with --db",
                               status.st_uid,
                               status.st_gid));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw unusable(path,
                   fmt::format("others may write it (mode {:04o})", status.st_mode & 07777U),
                   "if nobody changed it: chmod go-w " + shell_word(path));
  }
}

// An ordinary temporary directory, sticky, will do: only the owner of a file replaces it there.
void require_private_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  struct stat directory {};
  if (::stat(folder.c_str(), &directory) == 0 && (directory.st_mode & S_IWOTH) != 0 &&
      (directory.st_mode & S_ISVTX) == 0) {
    throw unusable(path,
                   "everybody may replace it: its directory is writable for all",
                   "chmod o-w " + shell_word(folder) + ", or choose another place with --db");
  }
}

bool is_cut_off(const FileHead& head, const FileBegin& begin) {
  return begin.size < std::uint64_t{head.page_size} * head.page_count;
}

}  // namespace

Error unusable(std::string_view path, std::string_view reason, std::string hint) {
  return {
      ExitCode::Unusable, fmt::format("opening database '{}': {}", path, reason), std::move(hint)};
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

bool is_unfinished(const std::string& path, const char* suffix, Purpose purpose) {
  const std::string beside = path + suffix;
  struct stat status {};
  if (::lstat(beside.c_str(), &status) != 0) {
    return false;
  }
  const auto refuse = [&](std::string_view what) {
    throw unusable(path,
                   fmt::format("{} lies in the place of its journal '{}'", what, beside),
                   "no recorder put it there; keep it as evidence, and move it away: mv " +
                       shell_word(beside) + " " + shell_word(beside + ".kept"));
  };
  if (!S_ISREG(status.st_mode)) {
    refuse(S_ISLNK(status.st_mode)   ? "a symbolic link"
           : S_ISDIR(status.st_mode) ? "a directory"
                                     : "no regular file");
  }
  if (purpose == Purpose::Append && status.st_uid != ::geteuid()) {
    refuse(fmt::format("a file of another user (uid {})", status.st_uid));
  }
  return status.st_size > 0;
}

// Asked before SQLite opens the file. Source: "File Locking And Concurrency In SQLite", the
// RESERVED lock.
bool is_being_written(const std::string& path) {
  constexpr off_t kReservedByte = 0x40000001;
  const int fd = open_quietly(path.c_str(), 0);
  struct flock range {};
  range.l_type = F_RDLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kReservedByte;
  range.l_len = 1;
  const bool asked = fd >= 0 && ::fcntl(fd, F_GETLK, &range) == 0;
  if (fd >= 0) {
    ::close(fd);
  }
  return asked && range.l_type != F_UNLCK;
}

std::optional<FileBegin> read_file_begin(const std::string& path, Purpose purpose) {
  if (purpose == Purpose::Append) {
    require_private_folder(path);
  }
  const int fd = open_quietly(
      path.c_str(), O_NONBLOCK | O_NOCTTY | (purpose == Purpose::Append ? O_NOFOLLOW : 0));
  if (fd < 0) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    if (errno == ELOOP) {
      throw unusable(path, "it is a symbolic link", "give the path of the file itself");
    }
    throw unusable(path,
                   std::generic_category().message(errno),
                   "look at it, or name another file with --db: ls -ld " + shell_word(path));
  }
  FileBegin begin;
  std::array<char, kFileHeadSize> buffer{};
  // The head before the size: the file only grows, so a commit in between cannot make it look cut
  // off.
  const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), 0);
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  begin.size = static_cast<std::uint64_t>(status.st_size);
  ::close(fd);
  if (!known || !S_ISREG(status.st_mode)) {
    throw unusable(path,
                   S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file",
                   "name the file itself with --db");
  }
  if (got < 0) {
    throw unusable(path,
                   "it cannot be read",
                   "look at the device; nothing was changed: ls -l " + shell_word(path));
  }
  if (purpose == Purpose::Append) {
    require_private(path, status);
  }
  begin.head.assign(buffer.data(), static_cast<std::size_t>(got));
  return begin;
}

std::optional<DatabaseFile> read_database_file(const std::string& path) {
  auto begin = read_file_begin(path, Purpose::Read);
  if (!begin) {
    return std::nullopt;
  }
  DatabaseFile file{.begin = std::move(*begin)};
  if (file.begin.size > 0) {
    file.unfinished_journal = is_unfinished(path, "-journal", Purpose::Read);
    file.unfinished_log = is_unfinished(path, "-wal", Purpose::Read);
    file.has_journal = exists(path + "-journal");
    file.being_written = file.has_journal && is_being_written(path);
  }
  return file;
}

void require_our_head(const std::string& path,
                      std::uint32_t application_id,
                      std::uint32_t version) {
  if (application_id != static_cast<std::uint32_t>(kApplicationId)) {
    throw unusable(
        path,
        fmt::format("it is another program's database (application id {:#010x})", application_id),
        "give the path of a sockwitness database with --db");
  }
  if (version > static_cast<std::uint32_t>(kFormatVersion)) {
    throw unusable(path,
                   fmt::format("its format is version {}, this program reads up to version {}",
                               version,
                               kFormatVersion),
                   "use a newer sockwitness");
  }
}

void require_ours(const std::string& path, const FileBegin& begin, bool unfinished_beside) {
  // A loss of power may leave the place of a page without its content.
  if (unfinished_beside && begin.head.find_first_not_of('\0') == std::string::npos) {
    return;
  }
  const auto head = decode_file_head(begin.head);
  if (!head) {
    throw unusable(path,
                   "it is not a SQLite database",
                   "nothing was changed; give the path of a sockwitness database with --db");
  }
  require_our_head(path, head->application_id, head->user_version);
  if (!unfinished_beside && is_cut_off(*head, begin)) {
    throw unusable(path,
                   fmt::format("it is cut off: {} bytes of {}",
                               begin.size,
                               std::uint64_t{head->page_size} * head->page_count),
                   "nothing was changed; use a backup, and keep this file as evidence");
  }
}

}  // namespace sockwitness::schema
