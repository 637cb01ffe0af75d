#include "recorder/netlink/decode.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;
using schema::SocketState;
using schema::SocketType;

// Reads one socket message into a new last element, and takes it back when it cannot be read.
bool append_socket(Bytes payload, DiagTable table, DumpContent& content) {
  if (content.expect && content.sockets.size() == content.sockets.capacity()) {
    content.sockets.reserve(std::max(content.expect(), content.sockets.size() * 2 + 1));
    content.expect = nullptr;  // it grows as others do where that was too little
  }
  auto& socket = content.sockets.emplace_back();
  socket.protocol = table.protocol;
  socket.family = table.family;
  bool read = false;
  switch (table.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      read = decode_inet(payload, table, socket);
      break;
    case Family::Unix:
      read = decode_unix(payload, socket);
      break;
    case Family::Packet: {
      std::string filter;
      read = decode_packet(payload, socket, filter);
      if (read && !filter.empty()) {
        content.filters.push_back({content.sockets.size() - 1, std::move(filter)});
      }
      break;
    }
    case Family::Netlink:
      read = decode_netlink(payload, socket);
      break;
    case Family::Vsock:
      read = decode_vsock(payload, socket);
      break;
    case Family::Other:
      break;
  }
  if (!read) {
    content.sockets.pop_back();
  }
  return read;
}

// The errno at the front of NLMSG_DONE and NLMSG_ERROR, as a positive number.
int decode_error(Bytes payload) {
  const auto number = decode_struct<std::int32_t>(payload);
  if (!number || *number > 0 || *number < -4095) {
    return EBADMSG;
  }
  return -*number;
}

}  // namespace

DumpStep decode_datagram(Bytes datagram,
                         DiagTable table,
                         std::uint32_t sequence,
                         DumpContent& content) {
  DumpStep step;
  MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    if (message->sequence != sequence) {
      continue;
    }
    step.interrupted |= (message->flags & NLM_F_DUMP_INTR) != 0;
    if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
      step.done = true;
      step.error_number = decode_error(message->payload);
      return step;
    }
    if (message->type == NLMSG_NOOP) {
      continue;
    }
    if (message->type != message_type(table) || !append_socket(message->payload, table, content)) {
      ++content.malformed;
    }
  }
  content.malformed += reader.malformed() ? 1U : 0U;
  return step;
}

std::optional<SocketState> decode_state(Protocol protocol, std::uint32_t number) {
  constexpr std::uint32_t kNewSynRecv = 12;     // a handshake under way, as a mini socket
  constexpr std::uint32_t kBoundInactive = 13;  // bound and idle, since Linux 6.8
  const bool connects = protocol == Protocol::Tcp || protocol == Protocol::Mptcp ||
                        protocol == Protocol::Dccp || protocol == Protocol::Sctp ||
                        protocol == Protocol::Vsock;
  if (!connects) {
    if (number == static_cast<std::uint32_t>(SocketState::Established)) {
      return SocketState::Established;
    }
    if (number == static_cast<std::uint32_t>(SocketState::Close)) {
      return SocketState::Unconnected;
    }
    return std::nullopt;
  }
  if (number >= 1 && number <= static_cast<std::uint32_t>(SocketState::Closing)) {
    return static_cast<SocketState>(number);
  }
  if (number == kNewSynRecv) {
    return SocketState::SynRecv;
  }
  return number == kBoundInactive ? std::optional(SocketState::Close) : std::nullopt;
}

std::optional<SocketType> decode_type(std::uint32_t number) {
  const auto type = static_cast<SocketType>(number);
  const bool known = (number >= 1 && number <= static_cast<std::uint32_t>(SocketType::Dccp)) ||
                     number == static_cast<std::uint32_t>(SocketType::Packet);
  return known ? std::optional(type) : std::nullopt;
}

SocketType type_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Udp:
    case Protocol::UdpLite:
    case Protocol::Icmp:
      return SocketType::Dgram;
    case Protocol::Raw:
    case Protocol::Packet:
    case Protocol::Netlink:
      return SocketType::Raw;
    case Protocol::Dccp:
      return SocketType::Dccp;
    case Protocol::Tcp:
    case Protocol::Unix:
    case Protocol::Sctp:
    case Protocol::Mptcp:
    case Protocol::Vsock:
    case Protocol::Other:
      break;
  }
  return SocketType::Stream;
}

void set_queues(schema::Socket& socket, std::uint32_t received, std::uint32_t sent) {
  socket.queues.recv_q = received;
  if (socket.state == SocketState::Listen) {
    socket.backlog = sent;
  } else {
    socket.queues.send_q = sent;
  }
}

void set_owner(schema::Socket& socket, std::uint32_t uid) {
  if (uid != 0 || socket.inode.value() != 0) {
    socket.uid = schema::Uid(uid);
  }
}

}  // namespace sockwitness::recorder
