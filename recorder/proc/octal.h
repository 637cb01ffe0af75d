// The kernel's octal escapes in maps and mountinfo.
//
// In:    bytes with "\040" for a blank, "\012" for a newline, "\134" for a backslash, ….
// Out:   the bytes that they stand for.
// Never: fails: a backslash that starts no escape stays a backslash.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::recorder {

[[nodiscard]] std::string unescape_octal(std::string_view text);

}  // namespace sockwitness::recorder
