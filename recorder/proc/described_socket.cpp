#include "recorder/proc/described_socket.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>

#include "recorder/proc/nsfs.h"

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

// Whether a dump of its table lists the socket. Unix, packet and raw sockets are listed from their
// birth; internet sockets once they have a port; netlink sockets once they have a port id.
bool is_listed(int descriptor, const schema::Socket& socket) {
  if (socket.protocol == Protocol::Unix || socket.protocol == Protocol::Packet ||
      socket.protocol == Protocol::Raw) {
    return true;
  }
  struct sockaddr_storage address {};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<struct sockaddr*>(&address), &size) != 0) {
    return false;
  }
  const auto as = [&address](auto view) {
    std::memcpy(&view, &address, sizeof view);
    return view;
  };
  bool named = false;
  switch (address.ss_family) {
    case AF_INET:
      named = as(sockaddr_in{}).sin_port != 0;
      break;
    case AF_INET6:
      named = as(sockaddr_in6{}).sin6_port != 0;
      break;
    case AF_NETLINK:
      named = as(sockaddr_nl{}).nl_pid != 0 || as(sockaddr_nl{}).nl_groups != 0;
      break;
    case AF_VSOCK:
      named = as(sockaddr_vm{}).svm_port != VMADDR_PORT_ANY;
      break;
    default:
      break;
  }
  size = sizeof address;
  const bool connected =
      address.ss_family != AF_NETLINK && socket.protocol != Protocol::Other &&
      ::getpeername(descriptor, reinterpret_cast<struct sockaddr*>(&address), &size) == 0;
  return named || connected;
}

}  // namespace

Result<DescribedSocket> read_socket(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return last_error("looking at", "socket");
  }
  const auto domain = read_option<int>(descriptor, SO_DOMAIN);
  if (!domain) {
    return domain.error();
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
  described.has_address = is_listed(descriptor, socket);
  socket.state =
      described.has_address ? schema::SocketState::Unconnected : schema::SocketState::Unbound;

  UniqueFd netns(::ioctl(descriptor, SIOCGSKNS));
  if (netns.valid()) {
    if (auto opened = adopt_netns(std::move(netns))) {
      described.netns.inode = opened.value().inode;
      described.netns.descriptor = std::move(opened.value().descriptor);
    }
  }
  return described;
}

}  // namespace sockwitness::recorder
