#include "schema/disk/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::schema {

void create_empty_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  const bool made = fd >= 0;
  if (made) {
    ::close(fd);
  }
  if (!made || !sync_folder_of(path)) {
    throw Error(
        ExitCode::Unusable,
        fmt::format("making database '{}': {}", path, std::generic_category().message(errno)),
        errno == ENOENT ? "make its directory first, or choose another place with --db"
                        : "choose another place with --db");
  }
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool sync_folder(int fd) {
  return ::fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

bool sync_folder_of(const std::string& path) {
  const int fd = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const bool done = sync_folder(fd);
  const int number = errno;
  ::close(fd);
  errno = number;
  return done;
}

}  // namespace sockwitness::schema
