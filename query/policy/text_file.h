// A configuration file as bytes.
//
// In:    a path that an administrator named, or the usual one.
// Out:   its whole content; nothing when there is no such file.
// Never: half of it, or nothing for a file that is there and cannot be read.
#pragma once

#include <optional>
#include <string>

namespace sockwitness::query {

// Throws schema::Error (Usage).
[[nodiscard]] std::optional<std::string> read_text_file(const std::string& path);

}  // namespace sockwitness::query
