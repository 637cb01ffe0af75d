#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "recorder/netlink/decode.h"
#include "schema/view/local_addresses.h"

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;
using schema::SocketState;

schema::IpAddress decode_address(const __be32 (&words)[4], Family family) {
  if (family == Family::Ipv4) {
    return schema::IpAddress::v4(std::bit_cast<std::array<std::uint8_t, 4>>(words[0]));
  }
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), words, bytes.size());
  return schema::IpAddress::v6(bytes);
}

struct InetAttributes {
  std::optional<bool> v6only;
  bool association = false;               // SCTP: it has peers
  std::vector<schema::IpAddress> locals;  // SCTP
};

// An array of sockaddr_storage. Source: net/sctp/diag.c, inet_diag_msg_sctpladdrs_fill.
std::vector<schema::IpAddress> decode_addresses(Bytes payload) {
  std::vector<schema::IpAddress> addresses;
  for (; payload.size() >= sizeof(sockaddr_storage);
       payload = payload.subspan(sizeof(sockaddr_storage))) {
    const auto family = decode_struct<sa_family_t>(payload);
    const auto v4 = decode_struct<sockaddr_in>(payload);
    const auto v6 = decode_struct<sockaddr_in6>(payload);
    if (family == AF_INET && v4) {
      addresses.push_back(
          schema::IpAddress::v4(std::bit_cast<std::array<std::uint8_t, 4>>(v4->sin_addr.s_addr)));
    } else if (family == AF_INET6 && v6) {
      addresses.push_back(
          schema::IpAddress::v6(std::bit_cast<std::array<std::uint8_t, 16>>(v6->sin6_addr)));
    }
  }
  return addresses;
}

InetAttributes decode_attributes(Bytes attributes) {
  InetAttributes found;
  AttributeReader reader(attributes);
  while (const auto attribute = reader.next()) {
    if (attribute->type == INET_DIAG_SKV6ONLY && !attribute->payload.empty()) {
      found.v6only = attribute->payload[0] != std::byte{0};
    } else if (attribute->type == INET_DIAG_PEERS) {
      found.association = true;
    } else if (attribute->type == INET_DIAG_LOCALS) {
      found.locals = decode_addresses(attribute->payload);
    }
  }
  return found;
}

// An SCTP association reports the state of the association, an endpoint that of the socket.
// Each state becomes the TCP state in which the same things have been said and heard.
// Source: include/net/sctp/constants.h, enum sctp_state; RFC 9260 section 4.
std::optional<SocketState> decode_association(std::uint8_t number) {
  constexpr std::array kStates = {SocketState::Close,
                                  SocketState::SynSent,
                                  SocketState::SynRecv,
                                  SocketState::Established,
                                  SocketState::FinWait1,
                                  SocketState::FinWait2,
                                  SocketState::CloseWait,
                                  SocketState::LastAck};
  return number < kStates.size() ? std::optional(kStates[number]) : std::nullopt;
}

}  // namespace

bool decode_inet(Bytes payload, DiagTable table, schema::Socket& socket) {
  const auto head = decode_struct<inet_diag_msg>(payload);
  if (!head) {
    return false;
  }
  if (table.both_families && head->idiag_family == address_family(Family::Ipv6)) {
    table.family = Family::Ipv6;
  }
  if (head->idiag_family != address_family(table.family)) {
    return false;
  }
  // Established connections of a busy host are many, and their attributes say nothing of use.
  InetAttributes attributes;
  const bool idle = head->idiag_state == static_cast<std::uint8_t>(SocketState::Listen) ||
                    head->idiag_state == static_cast<std::uint8_t>(SocketState::Close);
  if (table.protocol == Protocol::Sctp || (idle && table.family == Family::Ipv6)) {
    attributes = decode_attributes(after_struct(payload, sizeof(inet_diag_msg)));
  }
  const auto state = attributes.association ? decode_association(head->idiag_state)
                                            : decode_state(table.protocol, head->idiag_state);
  if (!state) {
    return false;
  }
  const auto& id = head->id;
  socket.protocol = table.protocol;
  socket.family = table.family;
  socket.type = type_of(table.protocol);
  socket.state = *state;
  socket.local_address = decode_address(id.idiag_src, table.family);
  socket.local_port = schema::Port(ntohs(id.idiag_sport));
  socket.remote_address = decode_address(id.idiag_dst, table.family);
  socket.remote_port = schema::Port(ntohs(id.idiag_dport));
  socket.interface = schema::InterfaceIndex(id.idiag_if);
  socket.cookie =
      schema::SocketCookie(std::uint64_t{id.idiag_cookie[1]} << 32U | id.idiag_cookie[0]);
  socket.inode = schema::Inode(head->idiag_inode);
  socket.name = schema::address_list(std::move(attributes.locals));
  if (table.family == Family::Ipv6) {
    socket.v6only = attributes.v6only;
  }
  set_owner(socket, head->idiag_uid);
  set_queues(socket, head->idiag_rqueue, head->idiag_wqueue);
  return true;
}

}  // namespace sockwitness::recorder
