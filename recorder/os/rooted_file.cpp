#include "recorder/os/rooted_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/os/dir.h"

namespace sockwitness::recorder {

Result<RootedFile> find_below(int root, const std::string& path, std::uint64_t resolve) {
  struct open_how how {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  RootedFile file;
  long opened = -1;
  do {
    opened = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
  } while (opened < 0 && (errno == EINTR || errno == EAGAIN));  // EAGAIN: a rename came between
  if (opened < 0) {
    return last_error("looking for", path);
  }
  file.handle = UniqueFd(static_cast<int>(opened));
  if (::fstat(file.handle.get(), &file.status) != 0) {
    return last_error("looking at", path);
  }
  return file;
}

Result<UniqueFd> open_content(const UniqueFd& handle) {
  return open_at(AT_FDCWD,
                 ("/proc/self/fd/" + std::to_string(handle.get())).c_str(),
                 O_RDONLY | O_NOCTTY | O_NONBLOCK);
}

}  // namespace sockwitness::recorder
