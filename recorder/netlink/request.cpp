#include "recorder/netlink/request.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cassert>
#include <cstring>

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;

// Bits 1 to 13: all of enum tcp_state. Bit 13, TCP_BOUND_INACTIVE, makes kernels since 6.8 list TCP
// sockets that are bound and do nothing yet; older ones ignore it.
// Source: include/net/tcp_states.h.
constexpr std::uint32_t kAllInetStates = 0x3ffe;
constexpr std::uint32_t kAllStates = ~0U;

// Not in every C library's headers. Source: include/uapi/linux/in.h.
constexpr std::uint32_t kIpProtoMptcp = 262;
constexpr std::uint8_t kIpProtoDccp = 33;

// Not in every version of the headers. Source: include/uapi/linux/unix_diag.h since 5.3.
constexpr std::uint32_t kUnixShowUid = 0x40;

std::optional<std::uint8_t> inet_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
      return static_cast<std::uint8_t>(IPPROTO_TCP);
    case Protocol::Udp:
      return static_cast<std::uint8_t>(IPPROTO_UDP);
    case Protocol::UdpLite:
      return static_cast<std::uint8_t>(IPPROTO_UDPLITE);
    case Protocol::Raw:
      return static_cast<std::uint8_t>(IPPROTO_RAW);
    case Protocol::Sctp:
      return static_cast<std::uint8_t>(IPPROTO_SCTP);
    case Protocol::Dccp:
      return kIpProtoDccp;
    case Protocol::Mptcp:
      // Does not fit the field. Kernels that do not know the attribute then find no protocol 0 and
      // say so; the low byte of 262 would have made them answer with TCP's table.
      return std::uint8_t{0};
    case Protocol::Icmp:
    case Protocol::Unix:
    case Protocol::Packet:
    case Protocol::Netlink:
    case Protocol::Vsock:
    case Protocol::Other:
      break;
  }
  return std::nullopt;
}

template <class Body>
DumpRequest with_header(const Body& body,
                        std::uint32_t sequence,
                        std::uint32_t extra = 0,
                        std::uint16_t type = SOCK_DIAG_BY_FAMILY) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof(head) + sizeof(body)) + extra;
  head.nlmsg_type = type;
  head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  head.nlmsg_seq = sequence;
  DumpRequest request;
  request.append(&head, sizeof(head));
  request.append(&body, sizeof(body));
  return request;
}

DumpRequest build_all_tcp_request(std::uint32_t sequence) {
  inet_diag_req body{};
  body.idiag_states = kAllInetStates;
  return with_header(body, sequence, 0, TCPDIAG_GETSOCK);
}

std::optional<DumpRequest> build_inet_request(DiagTable table, std::uint32_t sequence) {
  const auto protocol = inet_protocol(table.protocol);
  if (!protocol) {
    return std::nullopt;
  }
  inet_diag_req_v2 body{};
  body.sdiag_family = address_family(table.family);
  body.sdiag_protocol = *protocol;
  body.idiag_states = kAllInetStates;
  if (table.protocol != Protocol::Mptcp) {
    return with_header(body, sequence);
  }
  nlattr attribute{};
  attribute.nla_type = INET_DIAG_REQ_PROTOCOL;
  attribute.nla_len = sizeof(attribute) + sizeof(kIpProtoMptcp);
  auto request = with_header(body, sequence, attribute.nla_len);
  request.append(&attribute, sizeof(attribute));
  request.append(&kIpProtoMptcp, sizeof(kIpProtoMptcp));
  return request;
}

}  // namespace

void DumpRequest::append(const void* data, std::size_t size) {
  assert(size_ + size <= bytes_.size());
  std::memcpy(bytes_.data() + size_, data, size);
  size_ += size;
}

std::uint8_t address_family(Family family) {
  switch (family) {
    case Family::Ipv4:
      return AF_INET;
    case Family::Ipv6:
      return AF_INET6;
    case Family::Unix:
      return AF_UNIX;
    case Family::Packet:
      return AF_PACKET;
    case Family::Netlink:
      return AF_NETLINK;
    case Family::Vsock:
      return AF_VSOCK;
    case Family::Other:
      break;
  }
  return AF_UNSPEC;
}

std::uint16_t message_type(DiagTable table) {
  return table.both_families ? TCPDIAG_GETSOCK : SOCK_DIAG_BY_FAMILY;
}

std::optional<DumpRequest> build_dump_request(DiagTable table, std::uint32_t sequence) {
  if (table.both_families) {
    return table == kAllTcp ? std::optional(build_all_tcp_request(sequence)) : std::nullopt;
  }
  switch (table.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      return build_inet_request(table, sequence);
    case Family::Unix: {
      unix_diag_req body{};
      body.sdiag_family = AF_UNIX;
      body.udiag_states = kAllStates;
      body.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | kUnixShowUid;
      return with_header(body, sequence);
    }
    case Family::Packet: {
      packet_diag_req body{};
      body.sdiag_family = AF_PACKET;
      body.pdiag_show =
          PACKET_SHOW_INFO | PACKET_SHOW_MCLIST | PACKET_SHOW_MEMINFO | PACKET_SHOW_FILTER;
      return with_header(body, sequence);
    }
    case Family::Netlink: {
      netlink_diag_req body{};
      body.sdiag_family = AF_NETLINK;
      body.sdiag_protocol = NDIAG_PROTO_ALL;
      body.ndiag_show = NDIAG_SHOW_MEMINFO;
      return with_header(body, sequence);
    }
    case Family::Vsock: {
      vsock_diag_req body{};
      body.sdiag_family = AF_VSOCK;
      body.vdiag_states = kAllStates;
      return with_header(body, sequence);
    }
    case Family::Other:
      break;
  }
  return std::nullopt;
}

}  // namespace sockwitness::recorder
