#include "recorder/write/bare_note.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

#include "recorder/os/unique_fd.h"
#include "recorder/write/lock_text.h"

namespace sockwitness::recorder {
namespace {

// Puts texts one after the other into a fixed place; too long ones make it invalid.
template <std::size_t Size>
class FixedText {
 public:
  void add(const char* text) {
    const std::size_t length = std::strlen(text);
    if (length >= Size - used_) {
      used_ = Size - 1;
      fits_ = false;
      return;
    }
    std::memcpy(bytes_.data() + used_, text, length);
    used_ += length;
  }
  void add(std::int64_t number) {
    std::array<char, 24> digits{};
    std::to_chars(digits.data(), digits.data() + digits.size() - 1, number);
    add(digits.data());
  }
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] const char* c_str() const { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  std::array<char, Size> bytes_{};
  std::size_t used_ = 0;
  bool fits_ = true;
};

bool is_own(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
         status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

bool note_out_of_memory(const char* database_path, schema::WallTime at) noexcept {
  FixedText<PATH_MAX> path;
  path.add(database_path);
  path.add(".lock");
  FixedText<128> line;
  line.add(at.microseconds);
  line.add(" failed 1 recording: out of memory\n");
  if (!path.fits() || !line.fits()) {
    return false;
  }
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid() || !is_own(fd.get())) {
    return false;
  }
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  static_cast<void>(::fcntl(fd.get(), F_OFD_SETLK, &range));  // gone with the descriptor
  std::array<char, kLockTextSize> text{};
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
  if (got < 0) {
    return false;
  }
  std::size_t used = static_cast<std::size_t>(got);
  while (used > 0 && text[used - 1] == '\n') {
    --used;
  }
  used += used > 0 ? 1 : 0;  // the end of the last line
  if (used + line.size() > text.size()) {
    return false;
  }
  if (used > 0) {
    text[used - 1] = '\n';
  }
  std::memcpy(text.data() + used, line.c_str(), line.size());
  std::memset(text.data() + used + line.size(), '\n', text.size() - used - line.size());
  return ::pwrite(fd.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace sockwitness::recorder
