// A command line as people read it: its arguments with blanks between them.
//
// In:    raw bytes, arguments ending in NUL, and the measure of a long one.
// Out:   bytes that are still to be escaped for wherever they go.
// Never: shows what is not whole as if it were: between the ends stand length and digest of the whole,
//        "…[1,800,029 bytes, sha256 9f86d081…]…".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/long_text.h"

namespace sockwitness::schema {

[[nodiscard]] std::string command_line_text(std::string_view bytes,
                                            const std::optional<LongText>& measure);

// Of a shortened one those of the begin, of which the last is perhaps cut, and then those of the
// end, of which the first is.
[[nodiscard]] std::vector<std::string_view> split_arguments(std::string_view bytes,
                                                            const std::optional<LongText>& measure);

// What stands where the arguments were, without what fills up the rest of their place; of a very
// long one the begin.
[[nodiscard]] std::string title_of(std::string_view line);

}  // namespace sockwitness::schema
