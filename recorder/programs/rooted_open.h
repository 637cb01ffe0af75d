// Files below another root directory, as a process with that root would find them.
//
// In:    a descriptor of the root directory, and a path below it without a leading slash.
// Out:   a descriptor that lies below that root, with close-on-exec; content; the real path.
// Never: follows a symbolic link of a container out into the recorder's own files, or blocks on a
//        fifo.
#pragma once

#include <string>
#include <string_view>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

// `flags` as for open(2). Kernels without openat2 (before 5.6) get a walk that refuses symbolic
// links with ELOOP instead of resolving them.
Result<UniqueFd> open_in_root(int root, const char* path, int flags);

// The whole content of a regular file; more than `limit` bytes is the error EFBIG, anything but a
// regular file EINVAL. `content` is overwritten, its capacity reused. Returns its size.
Result<std::size_t> read_in_root(int root,
                                 const char* path,
                                 std::string& content,
                                 std::size_t limit);

// The absolute path below that root in which no component is a symbolic link.
Result<std::string> read_real_path(int root, std::string_view path);

}  // namespace sockwitness::recorder
