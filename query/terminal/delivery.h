// A message that counts as delivered only when the reader took it.
//
// In:    a descriptor, the whole message.
// Out:   nothing: it was written, and where it is a pipe it was read to its end.
// Never: counts a message as delivered when the pipe broke or has no reader.
#pragma once

#include <string_view>

namespace sockwitness::query {

// Throws BrokenPipe, or schema::Error (Unusable).
void deliver(int descriptor, std::string_view message);

}  // namespace sockwitness::query
