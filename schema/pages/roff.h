// Text for a manual page: the one way host-independent words become roff.
//
// In:    plain text in UTF-8.
// Out:   roff that shows just this text, whatever stands at the beginning of a line.
// Never: lets a backslash, a dot or a quote be taken for a request.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::schema {

// For the running text of one line.
[[nodiscard]] std::string escape_roff(std::string_view text);

// Lines that stay as they are, indented.
[[nodiscard]] std::string literal_block(std::string_view text);

}  // namespace sockwitness::schema
