// The digests of a file's content, taken in one pass over it.
//
// In:    an open descriptor of a regular file.
// Out:   SHA-256, and MD5 for the comparison with a package's list, whose only digest it is.
// Never: holds more than one block of the file, or moves the descriptor's offset.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "recorder/os/result.h"
#include "recorder/programs/dpkg_text.h"

namespace sockwitness::recorder {

struct ContentHash {
  std::string sha256;      // 32 bytes
  std::optional<Md5> md5;  // nothing: not asked for, or libcrypto refuses it (FIPS mode)
};

// More than `limit` bytes is the error EFBIG. `tick` is called with every block.
Result<ContentHash> read_content_hash(int fd,
                                      std::uint64_t limit,
                                      bool with_md5,
                                      const std::function<void()>& tick);

}  // namespace sockwitness::recorder
