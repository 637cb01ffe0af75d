// What secrets are hashed with, so that nobody can guess them by their hashes.
//
// In:    the path of the database; the file "<path>.keys/mask" beside it.
// Out:   32 bytes.
// Never: a key that others could read, or that is part of the evidence.
#pragma once

#include <string>

namespace sockwitness::recorder {

// Empty: there is none and none could be made; then no hash is kept.
[[nodiscard]] std::string read_or_make_mask_key(const std::string& database_path);

}  // namespace sockwitness::recorder
