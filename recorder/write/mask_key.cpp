#include "recorder/write/mask_key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kSize = 32;

bool is_private(int file) {
  struct stat status {};
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & kOthers) == 0 && status.st_nlink == 1;
}

}  // namespace

std::string read_or_make_mask_key(const std::string& database_path) {
  const UniqueFd folder(
      ::open((database_path + ".keys").c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    return {};
  }
  const UniqueFd file(
      ::openat(folder.get(), "mask", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid() || !is_private(file.get())) {
    return {};
  }
  std::array<char, kSize> key{};
  const auto whole = static_cast<ssize_t>(key.size());
  if (::pread(file.get(), key.data(), key.size(), 0) != whole) {
    // Not there yet, or cut off: two keys of one file only make equal secrets look like others.
    if (::getrandom(key.data(), key.size(), 0) != whole ||
        ::pwrite(file.get(), key.data(), key.size(), 0) != whole) {
      return {};
    }
  }
  return {key.data(), key.size()};
}

}  // namespace sockwitness::recorder
