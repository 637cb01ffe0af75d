// Parses the socket tables of /proc/net, for tables whose diag module the kernel lacks.
//
// In:    the text of one file, and which table it is.
// Out:   sockets appended to a list, and how many lines could not be read.
// Never: skips a line silently, or reads /proc/net/unix: a name with a newline in it forges lines
//        there.
//
// The internet tables (blanks shortened). Addresses are the kernel's 32-bit words in network order,
// printed as numbers of this machine, so 127.0.0.1 is 0100007F on a little-endian one; ports are
// printed as numbers. For a listening socket rx_queue is the accept backlog in use.
//
//   sl local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode …
//   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0       0 9410 1 …
//
// The packet table; Proto is the ethertype, Iface an index:
//
//   sk               RefCnt Type Proto  Iface R Rmem   User   Inode
//   000000007306dacc 3      3    0003   2     1 0      0      19432
//
// The netlink table; Eth is the netlink protocol, Pid the port id:
//
//   sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
//   000000007306dacc 0   0          00000000 0        0        0     2        0        4
//
// Source: net/ipv4/tcp_ipv4.c, net/packet/af_packet.c, net/netlink/af_netlink.c of Linux.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "recorder/netlink/request.h"
#include "schema/model/socket.h"

namespace sockwitness::recorder {

// The file's name below /proc/net; null for tables that have none, or that are not to be trusted.
[[nodiscard]] const char* proc_net_file(DiagTable table);

// One line without its newline. Cookies, backlog limits and network interfaces of internet sockets
// are not in these tables.
[[nodiscard]] std::optional<schema::Socket> parse_proc_net_line(std::string_view line,
                                                                DiagTable table);

// A whole file with its head line. Returns the number of lines that are not as they should be.
[[nodiscard]] std::uint32_t parse_proc_net(std::string_view text,
                                           DiagTable table,
                                           std::vector<schema::Socket>& sockets);

// Whole, as far as that can be seen: it begins with its titles, ends with a line, and has what
// every kernel has.
[[nodiscard]] bool is_protocol_list(std::string_view text);

// How many sockets of the table the namespace has by /proc/net/protocols; nothing when the kernel
// does not know the protocol at all. Some protocols (netlink, vsock) do not count theirs and show
// 0.
//
//   protocol  size sockets  memory press maxhdr  slab module     cl co di ac …
//   UDP-Lite  1344      1       0   NI       0   yes  kernel      y  y  y  n …
[[nodiscard]] std::optional<std::int64_t> find_protocol_use(std::string_view text, DiagTable table);

// What /proc/net/sockstat counts: sockets of any kind, and those that wait for their time to end. 0
// is said of what it does not tell.
//
//   sockets: used 291
//   TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1
struct SocketCount {
  std::size_t used = 0;
  std::size_t waiting = 0;
};
[[nodiscard]] SocketCount parse_sockstat(std::string_view text);

}  // namespace sockwitness::recorder
