#include "recorder/programs/rooted_open.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "recorder/os/dir.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// openat2 refuses with O_PATH what open ignores.
int safe(int flags) {
  return flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NOCTTY | O_NONBLOCK);
}

Result<UniqueFd> walk(int root, std::string_view path, int flags) {
  UniqueFd held;
  int directory = root;
  while (true) {
    const std::string part(schema::scan_until(path, '/'));
    const bool last = path.empty();
    auto next =
        open_at(directory, part.c_str(), O_NOFOLLOW | (last ? safe(flags) : O_PATH | O_DIRECTORY));
    if (!next || last) {
      return next;
    }
    held = std::move(next.value());
    directory = held.get();
  }
}

}  // namespace

Result<UniqueFd> open_in_root(int root, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(safe(flags));
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0) {
      return UniqueFd(static_cast<int>(fd));
    }
    // EAGAIN: a rename elsewhere made the kernel unsure whether ".." stays below the root.
    if (errno == EINTR || errno == EAGAIN) {
      continue;
    }
    // EPERM here is what system call filters answer that do not know openat2.
    if (errno == ENOSYS || errno == EPERM) {
      return walk(root, path, flags);
    }
    return last_error("opening", path);
  }
}

Result<std::size_t> read_in_root(int root,
                                 const char* path,
                                 std::string& content,
                                 std::size_t limit) {
  const auto file = open_in_root(root, path, O_RDONLY);
  if (!file) {
    return file.error();
  }
  struct stat status {};
  if (::fstat(file.value().get(), &status) != 0) {
    return last_error("looking at", path);
  }
  if (!S_ISREG(status.st_mode)) {
    return SysError{EINVAL, "reading", path};
  }
  constexpr std::size_t kSpare = 512;
  std::size_t size = 0;
  // One byte more than the size it had lets the last read see the end.
  content.resize(std::min(static_cast<std::size_t>(status.st_size), limit) + 1);
  while (true) {
    const ssize_t got = ::read(file.value().get(), content.data() + size, content.size() - size);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return last_error("reading", path);
    }
    if (got == 0) {
      content.resize(size);
      return size;
    }
    size += static_cast<std::size_t>(got);
    if (size > limit) {
      return SysError{EFBIG, "reading", path};
    }
    if (size == content.size()) {
      content.resize(size * 2 + kSpare);
    }
  }
}

Result<std::string> read_real_path(int root, std::string_view path) {
  constexpr int kMostLinks = 40;  // the kernel's own limit
  std::string rest(path);
  std::string real;
  for (int links = 0; !rest.empty();) {
    const auto slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    rest.erase(0, slash == std::string::npos ? rest.size() : slash + 1);
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == "..") {
      real.erase(std::min(real.rfind('/'), real.size()));
      continue;
    }
    const std::string next = real + "/" + part;
    const auto entry = open_in_root(root, next.c_str() + 1, O_PATH | O_NOFOLLOW);
    if (!entry) {
      return entry.error();
    }
    const auto target = read_link_at(entry.value().get(), "");
    if (!target && target.error().number != ENOENT && target.error().number != EINVAL) {
      return target.error();
    }
    if (!target) {  // on an empty path: it is no link
      real = next;
      continue;
    }
    if (++links > kMostLinks) {
      return SysError{ELOOP, "resolving", std::string(path)};
    }
    if (target.value().starts_with('/')) {
      real.clear();
    }
    rest = target.value() + "/" + rest;
  }
  return real.empty() ? std::string("/") : real;
}

}  // namespace sockwitness::recorder
