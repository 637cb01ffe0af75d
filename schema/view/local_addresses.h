// All addresses at which one socket can be reached: those of SCTP may be several.
//
// In:    a socket; for the recorder, the addresses that the kernel tells of one.
// Out:   its addresses, ascending; the places that it is a service at.
// Never: an empty list for a socket with an address.
#pragma once

#include <string>
#include <vector>

#include "schema/model/ip.h"
#include "schema/model/service.h"

namespace sockwitness::schema {

struct Snapshot;
struct Socket;

// Socket::name of an SCTP socket: all of them, ascending, with blanks between them; empty where
// there is only one.
[[nodiscard]] std::string address_list(std::vector<IpAddress> addresses);

[[nodiscard]] std::vector<IpAddress> local_addresses(const Socket& socket);

// Where the socket can be reached, in the order of its addresses.
[[nodiscard]] std::vector<Endpoint> endpoints_of(const Snapshot& snapshot, const Socket& socket);

}  // namespace sockwitness::schema
