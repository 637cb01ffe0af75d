// What follows from one socket alone: does it wait, has it a peer, where does it stand in a list.
//
// In:    one socket.
// Out:   yes or no; a total order.
// Never: looks at other sockets or at holders.
#pragma once

#include "schema/model/ip.h"

namespace sockwitness::schema {

struct Socket;

// Accepts what comes from anywhere: LISTEN, datagram-like internet sockets without a peer, and
// ports that lead elsewhere.
[[nodiscard]] bool waits_for_peers(const Socket& socket);

// An internet socket with a peer, in whatever state of its conversation.
[[nodiscard]] bool is_connected(const Socket& socket);

// Out of reach for other machines: bound to a loopback address, mapped ones as well.
[[nodiscard]] bool is_loopback(const Socket& socket);

// The IPv4 address inside a mapped one, otherwise the address itself: both ends of one conversation
// compare equal.
[[nodiscard]] IpAddress plain_address(const IpAddress& address);

// Protocol, family, local end, remote end, name, cookie, inode: no two sockets of a snapshot
// compare equal.
[[nodiscard]] bool listed_before(const Socket& left, const Socket& right);

}  // namespace sockwitness::schema
