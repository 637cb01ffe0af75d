// The system's journal, by its native protocol.
//
// In:    entries as the protocol wants them.
// Out:   each of them sent as one datagram, or as a sealed file where it is too long for one.
// Never: waits for a journal that is not there.
#pragma once

#include <span>
#include <string>

namespace sockwitness::query {

// Throws schema::Error (Unusable).
void send_to_journal(std::span<const std::string> entries);

}  // namespace sockwitness::query
