// Addresses and address families as columns hold them.
//
// In:    the bytes of a column; a stored protocol.
// Out:   values of the model.
// Never: takes bytes of another length for an address.
#pragma once

#include <string_view>

#include "schema/model/ip.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::schema {

// 4 or 16 bytes in network order. Throws Error on damage.
[[nodiscard]] IpAddress decode_address(std::string_view bytes);

// Of a protocol whose rows have no address.
[[nodiscard]] Family family_outside_inet(Protocol protocol);

}  // namespace sockwitness::schema
