// A message that counts as told only when somebody took it.
//
// In:    a descriptor, the whole message.
// Out:   nothing: it was written, and where it is a pipe it was read to its end.
// Never: takes a pipe that broke, or that nobody reads, for a message that was delivered.
#pragma once

#include <string_view>

namespace sockwitness::query {

// Throws BrokenPipe, or schema::Error (Unusable).
void deliver(int descriptor, std::string_view message);

}  // namespace sockwitness::query
