#include "recorder/os/dir.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <limits>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// The fixed head of struct linux_dirent64; the name follows it.
struct DirentHead {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
};
constexpr std::size_t kDirentNameAt = 19;

// Of one entry. Source: getdents(2), struct linux_dirent64.
std::string_view entry_name(const char* entry) {
  return std::string_view(entry + kDirentNameAt);
}

// Calls `visit(name, type)` for every entry.
template <class Visit>
Result<std::size_t> visit_entries(int directory, Visit visit) {
  alignas(std::uint64_t) std::array<char, 32 * 1024> buffer;
  std::size_t count = 0;
  while (true) {
    const long got = ::syscall(SYS_getdents64, directory, buffer.data(), buffer.size());
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return last_error("listing", "directory");
    }
    if (got == 0) {
      return count;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      DirentHead head;
      std::memcpy(&head, buffer.data() + at, kDirentNameAt);
      visit(entry_name(buffer.data() + at), head.type);
      ++count;
      at += head.length;
    }
  }
}

// Reads on to the end of the file, or to the first read that leaves room in `buffer`, which only
// grows. Returns how much of it is content.
Result<std::size_t> read_into(
    int fd, const char* path, std::string& buffer, std::size_t limit, bool short_read_is_end) {
  constexpr std::size_t kFirst = 4096;
  std::size_t size = 0;
  if (buffer.size() < kFirst) {
    buffer.resize(kFirst);
  }
  while (true) {
    const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return last_error("reading", path);
    }
    size += static_cast<std::size_t>(got);
    if (size > limit) {
      return SysError{EFBIG, "reading", path};
    }
    if (got == 0 || (short_read_is_end && size < buffer.size())) {
      return size;
    }
    if (size == buffer.size()) {
      buffer.resize(buffer.size() * 2);
    }
  }
}

}  // namespace

Result<UniqueFd> open_at(int directory, const char* path, int flags) {
  while (true) {
    const int fd = ::openat(directory, path, flags | O_CLOEXEC);
    if (fd >= 0) {
      return UniqueFd(fd);
    }
    if (errno != EINTR) {
      return last_error("opening", path);
    }
  }
}

Result<std::size_t> read_file_at(int directory,
                                 const char* path,
                                 std::string& content,
                                 std::size_t limit) {
  const auto fd = open_at(directory, path, O_RDONLY | O_NOCTTY);
  if (!fd) {
    return fd.error();
  }
  content.resize(content.capacity());
  const auto size = read_into(fd.value().get(), path, content, limit, false);
  content.resize(size ? size.value() : 0);
  return size;
}

Result<std::string_view> read_record_at(int directory,
                                        const char* path,
                                        std::string& buffer,
                                        std::size_t limit) {
  const auto fd = open_at(directory, path, O_RDONLY | O_NOCTTY);
  if (!fd) {
    return fd.error();
  }
  const auto size = read_into(fd.value().get(), path, buffer, limit, true);
  if (!size) {
    return size.error();
  }
  return std::string_view(buffer.data(), size.value());
}

Result<std::string> read_link_at(int directory, const char* path) {
  std::array<char, 256> small;
  ssize_t got = ::readlinkat(directory, path, small.data(), small.size());
  if (got < 0) {
    return last_error("reading link", path);
  }
  if (static_cast<std::size_t>(got) < small.size()) {
    return std::string(small.data(), static_cast<std::size_t>(got));
  }
  for (std::size_t size = 4096;; size *= 2) {
    std::string target(size, '\0');
    got = ::readlinkat(directory, path, target.data(), target.size());
    if (got < 0) {
      return last_error("reading link", path);
    }
    if (static_cast<std::size_t>(got) < target.size()) {
      target.resize(static_cast<std::size_t>(got));
      return target;
    }
  }
}

Result<struct stat> stat_at(int directory, const char* path, int flags) {
  struct stat status {};
  if (::fstatat(directory, path, &status, flags) != 0) {
    return last_error("looking at", path);
  }
  return status;
}

// What is not asked for need not be up to date: a file system asks its server when one of the
// wanted fields may have changed, whatever the flag says. These come all the same.
Result<FileIdentity> read_identity_at(int directory, const char* path, int flags) {
  struct statx found {};
  if (::statx(directory, path, flags | AT_STATX_DONT_SYNC, 0, &found) != 0) {
    return last_error("looking at", path);
  }
  return FileIdentity{
      makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino, found.stx_mode};
}

Result<std::vector<DirectoryEntry>> list_directory(int directory) {
  std::vector<DirectoryEntry> entries;
  const auto visited = visit_entries(directory, [&](std::string_view name, std::uint8_t type) {
    if (name != "." && name != "..") {
      entries.push_back({std::string(name), type});
    }
  });
  if (!visited) {
    return visited.error();
  }
  return entries;
}

Result<std::vector<std::int32_t>> list_numbers(int directory) {
  std::vector<std::int32_t> numbers;
  const auto visited = visit_entries(directory, [&](std::string_view name, std::uint8_t) {
    if (const auto number = schema::parse_number<std::int32_t>(name); number && *number >= 0) {
      numbers.push_back(*number);
    }
  });
  if (!visited) {
    return visited.error();
  }
  return numbers;
}

Result<std::optional<std::int32_t>> read_next_number(int directory) {
  alignas(std::uint64_t) std::array<char, 32>
      buffer;  // room for one name of ten digits: each more is looked up
  long got = 0;
  do {
    got = ::syscall(SYS_getdents64, directory, buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return last_error("listing", "directory");
  }
  if (got == 0) {
    return std::optional<std::int32_t>();
  }
  const auto number = schema::parse_number<std::int32_t>(entry_name(buffer.data()));
  return number && *number >= 0 ? Result<std::optional<std::int32_t>>(number)
                                : SysError{EBADMSG, "listing", "directory"};
}

}  // namespace sockwitness::recorder
