// Any text in place of a table of /proc/net: every line is a socket or is counted.
// The first byte selects the table.
#include "recorder/netlink/proc_net.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

using sockwitness::recorder::DiagTable;
using sockwitness::schema::Family;
using sockwitness::schema::Protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kTables = {DiagTable{Protocol::Tcp, Family::Ipv4},
                                  DiagTable{Protocol::Raw, Family::Ipv6},
                                  DiagTable{Protocol::Packet, Family::Packet},
                                  DiagTable{Protocol::Netlink, Family::Netlink}};
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  std::vector<sockwitness::schema::Socket> sockets;
  const auto wrong =
      sockwitness::recorder::parse_proc_net(text, kTables[data[0] % kTables.size()], sockets);
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const std::size_t lines = ends + (text.empty() || text.back() == '\n' ? 0U : 1U);
  if (wrong + sockets.size() + 1 != std::max<std::size_t>(lines, 1)) {
    std::abort();
  }
  static_cast<void>(
      sockwitness::recorder::find_protocol_use(text, {Protocol::UdpLite, Family::Ipv6}));
  return 0;
}
