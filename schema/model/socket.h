// A kernel socket as one snapshot saw it.
//
// In:    decoded netlink messages, or lines of /proc/net where a diag module is missing.
// Out:   a plain value; numbers of the enumerations are stored on disk and never reused.
// Never: holds its owners (Holder does), nor anything that a restart of the recorder would change.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/model/ids.h"
#include "schema/model/ip.h"

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
  Unbound = 13       // has no address at all: in no kernel table, known from a descriptor only
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
  Permission = 6,         // some process's descriptors may not be read
  Exited = 7,             // its holder closed it or exited while the snapshot was taken
  Unread = 8              // some process, or its descriptors, could not be read; a gap says why
};

// Queues are samples of one instant. Never compared.
// For a listening socket recv_q is the accept backlog in use; its limit is Socket::backlog.
struct Queues {
  std::uint32_t recv_q = 0;  // bytes; connections for a listening socket
  std::uint32_t send_q = 0;  // bytes; 0 for a listening socket
  friend auto operator<=>(const Queues&, const Queues&) = default;
};

// Identity: boot, cookie (0: protocol, namespace, addresses, inode). Compared: all fields but
// `queues`.
struct Socket {
  Protocol protocol = Protocol::Tcp;
  Family family = Family::Ipv4;
  SocketType type = SocketType::Stream;
  SocketState state = SocketState::Unconnected;
  NetnsIndex netns;  // the namespace that the socket lives in, which need not be its holder's
  IpAddress local_address;  // IPv4 and IPv6 only; 0.0.0.0 otherwise
  Port local_port;          // for raw sockets the IP protocol number, as the kernel shows it
  IpAddress remote_address;
  Port remote_port;
  SocketCookie cookie;        // 0: the source gives none
  Inode inode;                // 0: no descriptor can refer to it
  std::optional<Uid> uid;     // owner of the socket, fixed at its creation unless chowned
  std::uint32_t backlog = 0;  // listening stream sockets: the limit of the accept queue
  NoHolderReason no_holder = NoHolderReason::None;

  // Facts that only some sockets have.
  std::string name;  // unix: the name as bytes, abstract ones begin with NUL; vsock: "CID:PORT"
  std::string remote_name;     // vsock: "CID:PORT" of the peer
  Inode peer;                  // unix: inode of the connected peer, 0 without one
  std::uint32_t number = 0;    // packet: ethertype; netlink: protocol; Other: address family
  std::uint32_t port_id = 0;   // netlink: port id
  InterfaceIndex interface;    // bound to this interface, 0 to none
  std::string interface_name;  // its name in that namespace, empty when not known
  std::optional<bool> v6only;  // IPv6 listeners and unconnected sockets
  std::optional<std::uint32_t>
      filter_length;          // packet: instructions of the attached classic BPF filter
  std::string filter_sha256;  // packet: 32 bytes over its instructions, empty without a filter
  std::optional<bool>
      promiscuous;  // packet: it makes an interface take in what is meant for others

  Queues queues;

  friend bool operator==(const Socket&, const Socket&) = default;
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

[[nodiscard]] inline bool is_inet(const Socket& socket) {
  return socket.family == Family::Ipv4 || socket.family == Family::Ipv6;
}

// Open to newcomers: LISTEN, or an unconnected UDP socket with an address. Internet families only.
[[nodiscard]] bool is_listening(const Socket& socket);

}  // namespace sockwitness::schema
