#include "schema/model/socket.h"

namespace sockwitness::schema {

bool is_listening(const Socket& socket) {
  const bool datagram = socket.protocol == Protocol::Udp || socket.protocol == Protocol::UdpLite;
  return is_inet(socket) && (socket.state == SocketState::Listen ||
                             (datagram && socket.state == SocketState::Unconnected));
}

}  // namespace sockwitness::schema
