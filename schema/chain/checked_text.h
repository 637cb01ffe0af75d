// Lines of text that say themselves whether they are whole.
//
// In:    lines; or what was read of a file.
// Out:   the same with a last line "end SHA-256"; the lines between a head and that end.
// Never: a part: what was cut off, altered or begins otherwise gives nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] std::string with_check(std::string text);

// `head` is how it must begin. The view lives as long as the text.
[[nodiscard]] std::optional<std::string_view> open_checked(std::string_view text,
                                                           std::string_view head);

}  // namespace sockwitness::schema
