// A file below another root: resolved as a process with that root would, links included.
//
// In:    a descriptor of the root directory and an absolute path.
// Out:   a held but unopened file (O_PATH) and its status.
// Never: follows a link out of the root, enters another process's /proc links, or wakes a device or
//        fifo by opening it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

struct RootedFile {
  UniqueFd handle;
  struct stat status {};
};

// `resolve`: more of openat2's RESOLVE_ flags.
[[nodiscard]] Result<RootedFile> find_below(int root,
                                            const std::string& path,
                                            std::uint64_t resolve = 0);

// Opens the content of a held file.
[[nodiscard]] Result<UniqueFd> open_content(const UniqueFd& handle);

}  // namespace sockwitness::recorder
