// Whatever the kernel, or someone in its place, answers to a dump: no read past the end, no socket
// without a readable message. The first byte selects the table.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "recorder/netlink/decode.h"

using sockwitness::recorder::DiagTable;
using sockwitness::schema::Family;
using sockwitness::schema::Protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kTables = {DiagTable{Protocol::Tcp, Family::Ipv4},
                                  DiagTable{Protocol::Tcp, Family::Ipv6},
                                  DiagTable{Protocol::Udp, Family::Ipv4},
                                  DiagTable{Protocol::Udp, Family::Ipv6},
                                  DiagTable{Protocol::Raw, Family::Ipv4},
                                  DiagTable{Protocol::Sctp, Family::Ipv6},
                                  DiagTable{Protocol::Unix, Family::Unix},
                                  DiagTable{Protocol::Packet, Family::Packet},
                                  DiagTable{Protocol::Netlink, Family::Netlink},
                                  DiagTable{Protocol::Vsock, Family::Vsock},
                                  sockwitness::recorder::kAllTcp};
  if (size == 0) {
    return 0;
  }
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  sockwitness::recorder::DumpContent content;
  const auto step =
      sockwitness::recorder::decode_datagram(bytes, kTables[data[0] % kTables.size()], 1, content);
  if (!step.done && step.error_number != 0) {
    std::abort();
  }
  for (const auto& filter : content.filters) {
    if (filter.socket >= content.sockets.size()) {
      std::abort();
    }
  }
  return 0;
}
