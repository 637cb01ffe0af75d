// The addresses of a network namespace's interfaces.
//
// In:    the namespace of the calling thread.
// Out:   addresses, loopback ones left out.
// Never: an incomplete list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recorder/netlink/message.h"
#include "recorder/os/result.h"
#include "schema/model/ip.h"

namespace sockwitness::recorder {

struct AddressAnswer {
  std::vector<schema::IpAddress> addresses;
  bool done = false;
  bool failed = false;  // refused, interrupted, or not to be read
};

// Pure.
void decode_addresses(Bytes datagram, std::uint32_t sequence, AddressAnswer& answer);

[[nodiscard]] Result<std::vector<schema::IpAddress>> read_own_addresses(
    std::vector<std::byte>& buffer);

}  // namespace sockwitness::recorder
