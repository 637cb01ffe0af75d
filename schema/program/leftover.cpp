#include "schema/program/leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>

namespace sockwitness::schema {
namespace {

// What a signal handler may read. A path without its first character is none yet.
std::array<std::array<char, PATH_MAX>, 8> known{};

// Not by readdir(3), which asks for memory.
void remove_directory(const char* path) noexcept {
  const int directory = ::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) {
    return;
  }
  alignas(dirent64) std::array<char, 4096> buffer{};
  long got = 0;
  while ((got = ::syscall(SYS_getdents64, directory, buffer.data(), buffer.size())) > 0) {
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      ::unlinkat(directory, entry->d_name, 0);
      at += entry->d_reclen;
    }
  }
  ::close(directory);
  ::rmdir(path);
}

}  // namespace

bool Leftover::remember(const std::string& path) {
  if (path.empty() || path.size() >= known.front().size()) {
    return false;
  }
  for (std::size_t slot = 1; slot <= known.size(); ++slot) {
    auto& place = known[slot - 1];
    if (place.front() == '\0') {
      ::memcpy(place.data() + 1, path.c_str() + 1, path.size());
      std::atomic_signal_fence(std::memory_order_seq_cst);
      place.front() = path.front();
      slot_ = slot;
      return true;
    }
  }
  return false;
}

void Leftover::forget() {
  if (slot_ != 0) {
    known[slot_ - 1].front() = '\0';
    slot_ = 0;
  }
}

void remove_leftovers() noexcept {
  for (const auto& path : known) {
    if (path.front() != '\0' && ::unlink(path.data()) != 0) {
      remove_directory(path.data());
    }
  }
}

}  // namespace sockwitness::schema
