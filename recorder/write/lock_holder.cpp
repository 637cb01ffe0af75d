#include "recorder/write/lock_holder.h"

#include <fcntl.h>

#include <cerrno>

#include <fmt/format.h>

#include "recorder/os/dir.h"
#include "recorder/os/unique_fd.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::recorder {

// Source: "File Locking And Concurrency In SQLite"; the lock bytes stand in os.h of SQLite.
LockLook look_at_lock(const std::string& database_path) {
  constexpr off_t kPendingByte = 0x40000000;
  constexpr off_t kAllBytes = 512;  // pending, reserved, and 510 for readers
  const UniqueFd fd(schema::open_quietly(database_path.c_str(), O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) {
    return {};
  }
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kPendingByte;
  range.l_len = kAllBytes;
  if (::fcntl(fd.get(), F_GETLK, &range) != 0) {
    return {std::nullopt, errno};
  }
  if (range.l_type != F_UNLCK) {
    // Not positive: of another pid namespace, or of another host.
    return {range.l_pid > 0 ? std::optional(schema::Pid(range.l_pid)) : std::nullopt, 0};
  }
  range.l_type = F_RDLCK;
  range.l_start = kPendingByte;
  range.l_len = 1;
  const bool works = ::fcntl(fd.get(), F_SETLK, &range) == 0 || errno == EAGAIN || errno == EACCES;
  return {std::nullopt, works ? 0 : errno};  // the lock goes with the descriptor
}

std::string holder_words(schema::Pid pid) {
  std::string name;
  const auto read = read_file_at(AT_FDCWD, fmt::format("/proc/{}/comm", pid.value()).c_str(), name);
  if (!read || name.size() < 2) {
    return fmt::format("process {}", pid.value());
  }
  name.pop_back();  // the line break
  return fmt::format("{}({})", name, pid.value());
}

}  // namespace sockwitness::recorder
