// What sort of socket it is: protocol, family, type, state, and why it has no holder.
//
// In:    numbers of the kernel, or of the database.
// Out:   enumerations and their words; the numbers are stored on disk and never reused.
// Never: a socket: code that only names a protocol does not depend on the other fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::schema {

enum class Protocol : std::uint8_t {
  Tcp = 1,
  Udp = 2,
  UdpLite = 3,
  Raw = 4,
  Icmp = 5,  // "ping" sockets: SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6
  Unix = 6,
  Packet = 7,
  Netlink = 8,
  Sctp = 9,
  Mptcp = 10,
  Vsock = 11,
  Dccp = 12,
  Other = 13  // known from a descriptor only: AF_ALG, AF_CAN, AF_BLUETOOTH, …; the family number is
              // in `number`
};

enum class Family : std::uint8_t {
  Ipv4 = 1,
  Ipv6 = 2,
  Unix = 3,
  Packet = 4,
  Netlink = 5,
  Vsock = 6,
  Other = 7
};

// The kernel's SOCK_* numbers. Source: include/linux/net.h, enum sock_type.
enum class SocketType : std::uint8_t {
  Stream = 1,
  Dgram = 2,
  Raw = 3,
  Rdm = 4,
  SeqPacket = 5,
  Dccp = 6,
  Packet = 10
};

// The first eleven are the kernel's numbers. Source: include/net/tcp_states.h.
enum class SocketState : std::uint8_t {
  Established = 1,
  SynSent = 2,
  SynRecv = 3,
  FinWait1 = 4,
  FinWait2 = 5,
  TimeWait = 6,
  Close = 7,  // a TCP socket that is bound and neither listens nor is connected
  CloseWait = 8,
  LastAck = 9,
  Listen = 10,
  Closing = 11,
  Unconnected = 12,  // a datagram, raw, packet or netlink socket without a peer
  Unbound = 13,      // has no address at all: in no kernel table, known from a descriptor only
  Forward = 14       // no socket: a NAT rule that leads this port elsewhere
};

// Why a socket has no holder. Never left out: a socket without holder and without reason does not
// exist.
enum class NoHolderReason : std::uint8_t {
  None = 0,         // it has holders
  TimeWait = 1,     // closed by its process; the kernel waits out stray segments
  NotAccepted = 2,  // the handshake is done or under way, the server has not called accept yet
  Orphaned = 3,     // closed by its process; the kernel finishes the conversation
  Kernel = 4,  // every process could be read and none holds it: the kernel's own (NFS, WireGuard,
               // VXLAN, …)
  OtherPidNamespace = 5,  // its holder is outside the recorder's pid namespace
  Permission = 6,         // some process's descriptors could not be read
  Exited = 7,             // its holder closed it or exited while the snapshot was taken
  Unread = 8              // some process, or its descriptors, could not be read; a gap says why
};

// "tcp", "udp", …: the JSON word, the same for both address families.
[[nodiscard]] std::string_view protocol_name(Protocol protocol);
[[nodiscard]] std::optional<Protocol> parse_protocol(std::string_view name);
// "ipv4", "ipv6", "unix", …
[[nodiscard]] std::string_view family_name(Family family);
// netstat's word: "LISTEN", "ESTABLISHED", "TIME_WAIT", "UNCONN", "UNBOUND", …
[[nodiscard]] std::string_view state_name(SocketState state);
// Accepts netstat's and ss's words in any case: "ESTABLISHED", "estab", "time-wait", "listening".
[[nodiscard]] std::optional<SocketState> parse_state(std::string_view word);
// "time-wait", "kernel", …; empty for None.
[[nodiscard]] std::string_view no_holder_word(NoHolderReason reason);

}  // namespace sockwitness::schema
