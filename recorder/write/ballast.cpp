#include "recorder/write/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {
namespace {

std::string ballast_of(const std::string& database_path) {
  return database_path + ".ballast";
}

}  // namespace

bool release_ballast(const std::string& database_path) {
  const std::string path = ballast_of(database_path);
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_uid == ::geteuid() && ::unlink(path.c_str()) == 0;
}

void keep_ballast(const std::string& database_path) {
  constexpr std::uint64_t kShare = 16;  // of the room that is left it may take so little
  struct statvfs room {};
  if (::statvfs(database_path.c_str(), &room) != 0 ||
      std::uint64_t{room.f_bavail} * room.f_frsize < kShare * kBallastSize) {
    return;
  }
  const std::string path = ballast_of(database_path);
  const UniqueFd file(::open(
      path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (file.valid() && ::posix_fallocate(file.get(), 0, kBallastSize) != 0) {
    ::unlink(path.c_str());
  }
}

}  // namespace sockwitness::recorder
