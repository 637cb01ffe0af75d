// Netlink messages of this very process: what they ask for, and how they are made to fail.
//
// In:    the bytes of a datagram.
// Out:   the name of the table that is asked for; the datagram as the fault says it is.
// Never: makes a datagram longer or shorter.
#pragma once

#include <cstddef>
#include <string>

#include "tests/live/blind/failing_calls.h"

namespace sockwitness::test {

// "diag:2/6", "diag:tcp"; "netlink" for what is too short to say.
[[nodiscard]] std::string diag_name(const void* bytes, std::size_t size);
// Makes the last message of the datagram what the fault says it is.
void spoil(const Fault& fault, char* bytes, std::size_t size);

}  // namespace sockwitness::test
