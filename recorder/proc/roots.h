// Where the sources of this folder look: the process file system, and the root of the host.
//
// In:    two paths: "/proc" and "/" on a live host, any two directories in a test.
// Out:   held descriptors of both.
// Never: closed before the sources that were made over them.
#pragma once

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

struct HostRoots {
  UniqueFd proc;
  UniqueFd host;
};

[[nodiscard]] Result<HostRoots> open_roots(const char* proc, const char* host);

}  // namespace sockwitness::recorder
