#include "recorder/proc/roots.h"

#include <fcntl.h>

#include "recorder/os/dir.h"

namespace sockwitness::recorder {

Result<HostRoots> open_roots(const char* proc, const char* host) {
  HostRoots roots;
  auto opened = open_at(AT_FDCWD, proc, O_RDONLY | O_DIRECTORY);
  if (!opened) {
    return opened.error();
  }
  roots.proc = std::move(opened.value());
  opened = open_at(AT_FDCWD, host, O_RDONLY | O_DIRECTORY);
  if (!opened) {
    return opened.error();
  }
  roots.host = std::move(opened.value());
  return roots;
}

}  // namespace sockwitness::recorder
