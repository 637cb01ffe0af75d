// Names the content of a packet filter by its hash.
//
// In:    the instructions as the kernel gives them.
// Out:   32 bytes of SHA-256.
// Never: fails politely: a library that cannot hash at all is a broken build.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::recorder {

[[nodiscard]] std::string hash_filter(std::string_view instructions);

}  // namespace sockwitness::recorder
