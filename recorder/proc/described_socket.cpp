#include "recorder/proc/described_socket.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>

#include "recorder/proc/nsfs.h"
#include "schema/model/vsock_name.h"

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;

// Newer than the C library's headers. Source: include/uapi/linux/in.h.
constexpr int kProtocolMptcp = 262;

template <class T>
Result<T> read_option(int descriptor, int option) {
  T value{};
  socklen_t size = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) != 0) {
    return last_error("asking", "socket");
  }
  return value;
}

Protocol inet_protocol(int type, int protocol) {
  if (type == SOCK_RAW) {
    return Protocol::Raw;
  }
  switch (protocol) {
    case IPPROTO_TCP:
      return Protocol::Tcp;
    case IPPROTO_UDP:
      return Protocol::Udp;
    case IPPROTO_UDPLITE:
      return Protocol::UdpLite;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return Protocol::Icmp;
    case IPPROTO_SCTP:
      return Protocol::Sctp;
    case IPPROTO_DCCP:
      return Protocol::Dccp;
    case kProtocolMptcp:
      return Protocol::Mptcp;
    default:
      return Protocol::Other;
  }
}

// SO_PROTOCOL says nothing for these; the address does, with or without an interface.
std::uint32_t read_ethertype(int descriptor) {
  struct sockaddr_ll address {};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<struct sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return ntohs(address.sll_protocol);
}

void classify(schema::Socket& socket, int domain, int type, int protocol) {
  socket.type = static_cast<schema::SocketType>(type);
  switch (domain) {
    case AF_INET:
    case AF_INET6:
      socket.family = domain == AF_INET ? Family::Ipv4 : Family::Ipv6;
      socket.protocol = inet_protocol(type, protocol);
      break;
    case AF_UNIX:
      socket.family = Family::Unix;
      socket.protocol = Protocol::Unix;
      break;
    case AF_PACKET:
      socket.family = Family::Packet;
      socket.protocol = Protocol::Packet;
      break;
    case AF_NETLINK:
      socket.family = Family::Netlink;
      socket.protocol = Protocol::Netlink;
      socket.number = static_cast<std::uint32_t>(protocol);
      break;
    case AF_VSOCK:
      socket.family = Family::Vsock;
      socket.protocol = Protocol::Vsock;
      break;
    default:
      socket.family = Family::Other;
      socket.protocol = Protocol::Other;
      break;
  }
  if (socket.protocol == Protocol::Other) {
    socket.number = static_cast<std::uint32_t>(domain);
  }
}

// The ends of a socket by its own words; an end that it does not have is of no family.
struct Ends {
  struct sockaddr_storage own {};
  struct sockaddr_storage peer {};
};

Ends read_ends(int descriptor) {
  Ends ends;
  socklen_t size = sizeof ends.own;
  if (::getsockname(descriptor, reinterpret_cast<struct sockaddr*>(&ends.own), &size) != 0) {
    ends.own.ss_family = AF_UNSPEC;
  }
  size = sizeof ends.peer;
  if (::getpeername(descriptor, reinterpret_cast<struct sockaddr*>(&ends.peer), &size) != 0) {
    ends.peer.ss_family = AF_UNSPEC;
  }
  return ends;
}

template <class Address>
Address as(const struct sockaddr_storage& storage) {
  Address address{};
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

bool is_named(const struct sockaddr_storage& end) {
  switch (end.ss_family) {
    case AF_INET:
      return as<sockaddr_in>(end).sin_port != 0;
    case AF_INET6:
      return as<sockaddr_in6>(end).sin6_port != 0;
    case AF_NETLINK:
      return as<sockaddr_nl>(end).nl_pid != 0 || as<sockaddr_nl>(end).nl_groups != 0;
    case AF_VSOCK:
      return as<sockaddr_vm>(end).svm_port != VMADDR_PORT_ANY;
    default:
      return false;
  }
}

// Unix, packet and raw sockets are in their table from their birth; internet sockets once they have
// a port; netlink sockets once they have a port id.
bool has_place(const schema::Socket& socket, const Ends& ends) {
  if (socket.protocol == Protocol::Unix || socket.protocol == Protocol::Packet ||
      socket.protocol == Protocol::Raw) {
    return true;
  }
  const bool connected = ends.peer.ss_family != AF_UNSPEC && socket.protocol != Protocol::Netlink &&
                         socket.protocol != Protocol::Other;
  return is_named(ends.own) || connected;
}

// A TCP socket that is closed may have an address and is in no table: shut down from both sides, or
// bound and idle before Linux 6.8.
bool is_closed_tcp(int descriptor, const schema::Socket& socket) {
  struct tcp_info info {};
  socklen_t size = sizeof info;
  return socket.protocol == Protocol::Tcp &&
         ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == TCP_CLOSE;
}

void set_end(const struct sockaddr_storage& end,
             schema::IpAddress& address,
             schema::Port& port,
             std::string& name) {
  switch (end.ss_family) {
    case AF_INET: {
      const auto inet = as<sockaddr_in>(end);
      address = *schema::IpAddress::from_bytes(
          {reinterpret_cast<const char*>(&inet.sin_addr), sizeof inet.sin_addr});
      port = schema::Port(ntohs(inet.sin_port));
      break;
    }
    case AF_INET6: {
      const auto inet = as<sockaddr_in6>(end);
      address = *schema::IpAddress::from_bytes(
          {reinterpret_cast<const char*>(&inet.sin6_addr), sizeof inet.sin6_addr});
      port = schema::Port(ntohs(inet.sin6_port));
      break;
    }
    case AF_VSOCK: {
      const auto machine = as<sockaddr_vm>(end);
      name = schema::vsock_name(machine.svm_cid, machine.svm_port);
      break;
    }
    default:
      break;
  }
}

schema::SocketState vsock_state(int descriptor, const Ends& ends) {
  const auto accepts = read_option<int>(descriptor, SO_ACCEPTCONN);
  if (accepts && accepts.value() != 0) {
    return schema::SocketState::Listen;
  }
  return ends.peer.ss_family == AF_VSOCK ? schema::SocketState::Established
                                         : schema::SocketState::Close;
}

// What no table tells, the socket must.
void complete(schema::Socket& socket, const Ends& ends, schema::SocketState state) {
  socket.state = state;
  set_end(ends.own, socket.local_address, socket.local_port, socket.name);
  set_end(ends.peer, socket.remote_address, socket.remote_port, socket.remote_name);
}

}  // namespace

Result<DescribedSocket> read_socket(int descriptor) {
  // First of all: of what is no socket, nothing else is to be asked.
  const auto domain = read_option<int>(descriptor, SO_DOMAIN);
  if (!domain) {
    return domain.error();
  }
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return last_error("looking at", "socket");
  }
  const auto type = read_option<int>(descriptor, SO_TYPE);
  if (!type) {
    return type.error();
  }
  const auto protocol = read_option<int>(descriptor, SO_PROTOCOL);
  if (!protocol) {
    return protocol.error();
  }
  const auto cookie = read_option<std::uint64_t>(descriptor, SO_COOKIE);

  DescribedSocket described;
  schema::Socket& socket = described.socket;
  classify(socket, domain.value(), type.value(), protocol.value());
  if (socket.protocol == Protocol::Packet) {
    socket.number = read_ethertype(descriptor);
  }
  socket.inode = schema::Inode(status.st_ino);
  socket.uid = schema::Uid(status.st_uid);
  if (cookie) {
    socket.cookie = schema::SocketCookie(cookie.value());
  }
  const Ends ends = read_ends(descriptor);
  if (!has_place(socket, ends)) {
    socket.state = schema::SocketState::Unbound;
  } else if (is_closed_tcp(descriptor, socket)) {
    complete(socket, ends, schema::SocketState::Close);
  } else if (socket.protocol == Protocol::Vsock) {  // most kernels have no table of them
    complete(socket, ends, vsock_state(descriptor, ends));
  } else {
    socket.state = schema::SocketState::Unconnected;
    described.listed = true;
  }

  UniqueFd netns(::ioctl(descriptor, SIOCGSKNS));
  if (!netns.valid()) {
    return last_error("asking for the namespace of", "socket");
  }
  auto opened = adopt_netns(std::move(netns));
  if (!opened) {
    return opened.error();
  }
  described.netns.inode = opened.value().inode;
  described.netns.descriptor = std::move(opened.value().descriptor);
  return described;
}

}  // namespace sockwitness::recorder
