#include "recorder/write/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "schema/disk/new_file.h"
#include "schema/program/shell_word.h"

namespace sockwitness::recorder {
namespace {

constexpr off_t kFileSize = schema::kKeyPlaces * schema::kKeyPlaceSize;

schema::Error key_unusable(std::string_view doing,
                           const std::string& path,
                           std::string_view reason,
                           std::string hint) {
  return {schema::ExitCode::Unusable,
          fmt::format("{} signing keys '{}': {}", doing, path, reason),
          std::move(hint)};
}

std::string key_hint_for(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "nothing recorded before is lost; make room and run again";
    case EACCES:
    case EPERM:
      return "run as the owner of the database, or choose a place of your own with --db";
    case EFBIG:
      return "nothing recorded before is lost; raise the limit and run again";
    case EROFS:
      return "choose another place with --db";
    default:
      return "look at it; without the folder the next run begins a new row of keys";
  }
}

std::string reason_for(int number) {
  switch (number) {
    case ELOOP:
    case ENOTDIR:
      return "it is a symbolic link, or no directory";
    case EFBIG:
      return "the file size limit (ulimit -f) is reached";
    default:
      return std::generic_category().message(number);
  }
}

schema::Error key_error(std::string_view doing, const std::string& path, int number) {
  return key_unusable(doing, path, reason_for(number), key_hint_for(number));
}

// What others may look into or put there is no secret of ours.
void require_private(const std::string& path, const struct stat& status, mode_t kind) {
  const std::string word = schema::shell_word(path);
  if ((status.st_mode & S_IFMT) != kind) {
    throw key_unusable("opening",
                       path,
                       "it is of another kind",
                       "no recorder made it so; look at it, then: rm " + word);
  }
  if (status.st_uid != ::geteuid()) {
    throw key_unusable("opening",
                       path,
                       fmt::format("it belongs to another user (uid {})", status.st_uid),
                       "run as that user, or look at it, then: rm -r " + word);
  }
  if ((status.st_mode & 077U) != 0) {
    throw key_unusable("opening",
                       path,
                       fmt::format("others may use it (mode {:04o})", status.st_mode & 07777U),
                       "if nobody read the keys: chmod go= " + word);
  }
  if (kind == S_IFREG && status.st_nlink != 1) {
    throw key_unusable("opening",
                       path,
                       "it has more than one name (hard link)",
                       "no recorder made it so; look at it, then: rm " + word);
  }
}

UniqueFd open_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (!schema::sync_folder_of(path)) {
      throw key_error("making", path, errno);
    }
  } else if (errno != EEXIST) {
    throw key_error("making", path, errno);
  }
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!folder.valid() || ::fstat(folder.get(), &status) != 0) {
    throw key_error("opening", path, errno);
  }
  require_private(path, status, S_IFDIR);
  return folder;
}

}  // namespace

schema::Error KeyFile::failure(std::string_view doing, int number) const {
  return key_error(doing, path_, number);
}

KeyFile KeyFile::open(const std::string& database_path) {
  const std::string folder_path = schema::key_folder_of(database_path);
  const UniqueFd folder = open_folder(folder_path);
  const std::string path = schema::key_file_of(database_path);
  const std::string name = path.substr(folder_path.size() + 1);
  UniqueFd fd(::openat(folder.get(),
                       name.c_str(),
                       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                       0600));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    throw key_error("opening", path, errno);
  }
  require_private(path, status, S_IFREG);
  KeyFile file(path, std::move(fd));
  if (status.st_size < kFileSize) {
    file.is_new_ = status.st_size == 0;
    file.fill(folder.get());
  }
  return file;
}

// All of its room at once: later a full disk is no reason not to sign.
void KeyFile::fill(int folder) const {
  const std::string blanks(static_cast<std::size_t>(kFileSize), '\n');
  const ssize_t written = ::pwrite(fd_.get(), blanks.data(), blanks.size(), 0);
  if (written != static_cast<ssize_t>(blanks.size())) {
    throw failure("making", written < 0 ? errno : ENOSPC);
  }
  if (::fsync(fd_.get()) != 0 || !schema::sync_folder(folder)) {
    throw failure("making", errno);
  }
}

std::optional<schema::KeyPlace> KeyFile::read(std::size_t place) const {
  std::array<char, schema::kKeyPlaceSize> text{};
  const ssize_t got = ::pread(
      fd_.get(), text.data(), text.size(), static_cast<off_t>(place * schema::kKeyPlaceSize));
  if (got < 0) {
    throw failure("reading", errno);
  }
  auto key = schema::parse_key_place({text.data(), static_cast<std::size_t>(got)});
  schema::wipe(text.data(), text.size());
  return key;
}

void KeyFile::write(std::size_t place, const schema::KeyPlace& key, Sync sync) const {
  std::string text = schema::format_key_place(key);
  const ssize_t written = ::pwrite(
      fd_.get(), text.data(), text.size(), static_cast<off_t>(place * schema::kKeyPlaceSize));
  const int number = written < 0 ? errno : ENOSPC;
  schema::wipe(text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    throw failure("writing", number);
  }
  if (sync == Sync::Yes && ::fdatasync(fd_.get()) != 0) {
    throw failure("writing", errno);
  }
}

void KeyFile::wipe(std::size_t place) const noexcept {
  std::array<char, schema::kKeyPlaceSize> blanks;
  blanks.fill('\n');
  // Where that fails the key is wiped when it is its turn to be overwritten.
  static_cast<void>(::pwrite(
      fd_.get(), blanks.data(), blanks.size(), static_cast<off_t>(place * schema::kKeyPlaceSize)));
}

}  // namespace sockwitness::recorder
