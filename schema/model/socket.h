// A kernel socket as one snapshot saw it.
//
// In:    decoded netlink messages, or lines of /proc/net where a diag module is missing.
// Out:   a plain value.
// Never: holds its owners (Holder does), nor anything that a restart of the recorder would change.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/model/ids.h"
#include "schema/model/ip.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::schema {

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

  // Of a port that a NAT rule leads elsewhere. It is no socket: its remote end is where it leads
  // to, and an address of all zeros there is this host itself. `name` is "forward", with what else
  // the rule asks for: see forward_name.h.
  Port local_last;     // the last port of a range that begins with local_port; 0: one port
  Port remote_last;    // likewise
  std::string rule;    // where the rule stands: "ip nat DOCKER", and what it asks for besides
  std::string target;  // label of the network namespace that has the address it leads to

  Queues queues;

  friend bool operator==(const Socket&, const Socket&) = default;
};

[[nodiscard]] inline bool is_inet(const Socket& socket) {
  return socket.family == Family::Ipv4 || socket.family == Family::Ipv6;
}

// A port that a NAT rule leads elsewhere.
[[nodiscard]] inline bool is_forward(const Socket& socket) {
  return socket.state == SocketState::Forward;
}

// The last of the ports that a socket stands for; 0: its one port. A rule without ports leads all.
[[nodiscard]] inline Port last_port(const Socket& socket) {
  return is_forward(socket) && socket.local_port == Port(0) ? Port(65535) : socket.local_last;
}

// Open to newcomers: LISTEN, or an unconnected UDP socket with an address. Internet families only.
[[nodiscard]] bool is_listening(const Socket& socket);

}  // namespace sockwitness::schema
