#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/address_codec.h"
#include "schema/disk/codec.h"
#include "schema/disk/row.h"

namespace sockwitness::schema {
namespace {

// The type that needs no word. Unix, vsock and other sockets have no usual one: theirs is always
// stored.
SocketType usual_type(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
    case Protocol::Mptcp:
    case Protocol::Sctp:
    case Protocol::Unix:
    case Protocol::Vsock:
    case Protocol::Other:
      return SocketType::Stream;
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
  }
  return SocketType::Stream;
}

std::optional<std::int64_t> number_of(const std::optional<bool>& flag) {
  return flag ? std::optional<std::int64_t>(*flag ? 1 : 0) : std::nullopt;
}

void decode_detail(RowReader& row, Socket& socket, Texts& texts) {
  if (const auto type = row.number<std::uint8_t>(); type != 0) {
    socket.type = static_cast<SocketType>(type);
  }
  socket.backlog = row.number<std::uint32_t>();
  socket.name = texts.get_or_empty(row.maybe_integer());
  socket.remote_name = texts.get_or_empty(row.maybe_integer());
  socket.peer = Inode(row.bits());
  socket.number = row.number<std::uint32_t>();
  socket.port_id = row.number<std::uint32_t>();
  socket.interface = InterfaceIndex(row.number<std::uint32_t>());
  socket.interface_name = texts.get_or_empty(row.maybe_integer());
  if (const auto v6only = row.maybe_integer()) {
    socket.v6only = *v6only != 0;
  }
  socket.filter_length = row.maybe_number<std::uint32_t>();
  socket.filter_sha256 = row.bytes();
  if (const auto promiscuous = row.maybe_integer()) {
    socket.promiscuous = *promiscuous != 0;
  }
}

// Its columns are NULL of whatever is a socket.
void decode_forward(RowReader& row, Socket& socket, Texts& texts) {
  socket.local_last = Port(row.maybe_number<std::uint16_t>().value_or(0));
  socket.remote_last = Port(row.maybe_number<std::uint16_t>().value_or(0));
  socket.rule = texts.get_or_empty(row.maybe_integer());
  socket.target = texts.get_or_empty(row.maybe_integer());
}

}  // namespace

SocketRow decode_socket(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  SocketRow result;
  Socket& socket = result.socket;
  result.id = row.integer();
  result.origin = row.maybe_integer();
  result.netns = row.integer();
  socket.protocol = row.enumeration(Protocol::Other);
  socket.state = row.enumeration(SocketState::Forward);
  const auto local = row.maybe_integer();
  if (local) {
    socket.local_address = decode_address(texts.get(*local));
    socket.family = socket.local_address.is_v6() ? Family::Ipv6 : Family::Ipv4;
  } else {
    socket.family = family_outside_inet(socket.protocol);
  }
  socket.local_port = Port(row.number<std::uint16_t>());
  const std::string_view remote = row.bytes();
  if (!remote.empty()) {
    socket.remote_address = decode_address(remote);
  } else if (socket.family == Family::Ipv6) {
    socket.remote_address = IpAddress::any_v6();
  }
  socket.remote_port = Port(row.number<std::uint16_t>());
  socket.cookie = SocketCookie(row.bits());
  socket.inode = Inode(row.bits());
  if (const auto uid = row.maybe_number<std::uint32_t>()) {
    socket.uid = Uid(*uid);
  }
  socket.no_holder = row.enumeration(NoHolderReason::Unread);
  socket.type = usual_type(socket.protocol);
  decode_forward(row, socket, texts);
  if (!row.is_null_here()) {
    decode_detail(row, socket, texts);
  }
  return result;
}

void insert_socket(SQLite::Statement& insert, const SocketRow& row, Texts& texts) {
  const Socket& socket = row.socket;
  const bool internet = is_inet(socket);
  const bool no_peer =
      socket.remote_port == Port() && socket.remote_address.ip_class() == IpClass::Any;
  RowBinder binder(insert);
  binder.integer(row.id)
      .maybe_integer(row.origin)
      .integer(row.netns)
      .enumeration(socket.protocol)
      .enumeration(socket.state);
  internet ? binder.integer(texts.intern(socket.local_address.bytes())) : binder.null();
  binder.integer(socket.local_port.value());
  internet && !no_peer ? binder.bytes(socket.remote_address.bytes()) : binder.null();
  binder.integer(socket.remote_port.value())
      .bits(socket.cookie.value())
      .bits(socket.inode.value())
      .maybe_integer(socket.uid ? std::optional<std::int64_t>(socket.uid->value()) : std::nullopt)
      .enumeration(socket.no_holder)
      .run();
}

bool has_detail(const Socket& socket) {
  return socket.type != usual_type(socket.protocol) || socket.backlog != 0 ||
         !socket.name.empty() || !socket.remote_name.empty() || socket.peer != Inode() ||
         socket.number != 0 || socket.port_id != 0 || socket.interface != InterfaceIndex() ||
         !socket.interface_name.empty() || socket.v6only.has_value() ||
         socket.filter_length.has_value() || !socket.filter_sha256.empty() ||
         socket.promiscuous.has_value();
}

void insert_socket_detail(SQLite::Statement& insert, const SocketRow& row, Texts& texts) {
  const Socket& socket = row.socket;
  const bool usual = socket.type == usual_type(socket.protocol);
  RowBinder binder(insert);
  binder.integer(row.id)
      .integer(usual ? 0 : static_cast<std::int64_t>(socket.type))
      .integer(socket.backlog)
      .maybe_integer(texts.intern_unless_empty(socket.name))
      .maybe_integer(texts.intern_unless_empty(socket.remote_name))
      .bits(socket.peer.value())
      .integer(socket.number)
      .integer(socket.port_id)
      .integer(socket.interface.value())
      .maybe_integer(texts.intern_unless_empty(socket.interface_name))
      .maybe_integer(number_of(socket.v6only))
      .maybe_integer(socket.filter_length ? std::optional<std::int64_t>(*socket.filter_length)
                                          : std::nullopt);
  socket.filter_sha256.empty() ? binder.null() : binder.bytes(socket.filter_sha256);
  binder.maybe_integer(number_of(socket.promiscuous)).run();
}

void insert_forward(SQLite::Statement& insert, const SocketRow& row, Texts& texts) {
  RowBinder(insert)
      .integer(row.id)
      .integer(row.socket.local_last.value())
      .integer(row.socket.remote_last.value())
      .integer(texts.intern(row.socket.rule))
      .maybe_integer(texts.intern_unless_empty(row.socket.target))
      .run();
}

}  // namespace sockwitness::schema
