// SHA-256 of bytes and of files.
//
// In:    bytes, or the path of a file.
// Out:   32 bytes; of a file nothing when it cannot be read.
// Never: a digest of a part.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::optional<std::string> sha256_of_file(const std::string& path);

}  // namespace sockwitness::schema
