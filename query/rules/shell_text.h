// What a shell's program text does with standard input, as far as its words tell.
//
// In:    text as it stands behind -c.
// Out:   whether what comes from the input is run: as a script, or line by line.
// Never: a parser of the shell's language: words, and where commands begin.
#pragma once

#include <string_view>

namespace sockwitness::query {

// "/dev/stdin" and its other names.
[[nodiscard]] bool is_standard_input(std::string_view path);

// Likewise, or another descriptor: "/dev/fd/63" is what a process substitution becomes.
[[nodiscard]] bool is_descriptor(std::string_view path);

// ". /dev/stdin"
[[nodiscard]] bool sources_input(std::string_view text);

// "while read -r l; do eval "$l"; done", from whatever descriptor.
[[nodiscard]] bool evaluates_input(std::string_view text);

}  // namespace sockwitness::query
