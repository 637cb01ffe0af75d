#include "schema/view/socket_traits.h"

#include <tuple>

#include "schema/model/socket.h"

namespace sockwitness::schema {

bool waits_for_peers(const Socket& socket) {
  return socket.state == SocketState::Listen || is_forward(socket) ||
         (socket.state == SocketState::Unconnected && socket.family != Family::Unix);
}

bool is_connected(const Socket& socket) {
  if (!is_inet(socket)) {
    return false;
  }
  switch (socket.state) {
    case SocketState::Listen:
    case SocketState::Close:
    case SocketState::Unconnected:
    case SocketState::Unbound:
    case SocketState::Forward:
      return false;
    default:
      return true;
  }
}

bool is_loopback(const Socket& socket) {
  return is_inet(socket) && plain_address(socket.local_address).ip_class() == IpClass::Loopback;
}

IpAddress plain_address(const IpAddress& address) {
  return address.mapped_v4().value_or(address);
}

bool listed_before(const Socket& left, const Socket& right) {
  const auto key = [](const Socket& socket) {
    return std::tie(socket.protocol,
                    socket.family,
                    socket.local_address,
                    socket.local_port,
                    socket.remote_address,
                    socket.remote_port,
                    socket.name,
                    socket.remote_name,
                    socket.number,
                    socket.port_id,
                    socket.netns,
                    socket.cookie,
                    socket.inode,
                    socket.state);
  };
  return key(left) < key(right);
}

}  // namespace sockwitness::schema
