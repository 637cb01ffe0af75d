// A descriptor that an answer is written to, completely or with an error.
//
// In:    finished text.
// Out:   all of it written.
// Never: loses a failed write: a full disk is an Error, a reader that went away is BrokenPipe.
#pragma once

#include <string_view>

namespace sockwitness::query {

// The reader closed the pipe: nothing more is written.
struct BrokenPipe {};

void write_all(int descriptor, std::string_view text);

}  // namespace sockwitness::query
