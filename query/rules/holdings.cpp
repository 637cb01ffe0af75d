#include "query/rules/holdings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Protocol;
using schema::Socket;

void add(Holdings& held, const Socket& socket) {
  if (socket.protocol == Protocol::Packet || socket.protocol == Protocol::Raw) {
    ++held.captures;
  } else if (socket.protocol == Protocol::Vsock) {
    ++held.vsocks;
  } else if (schema::is_inet(socket)) {
    const bool listens = offers_service(socket);
    const bool connected = schema::is_connected(socket);
    held.listeners += listens ? 1 : 0;
    held.connections += connected ? 1 : 0;
    held.beyond += (listens || connected) && !schema::is_loopback(socket) ? 1 : 0;
  }
}

}  // namespace

std::vector<Holdings> count_holdings(const schema::Snapshot& snapshot) {
  std::vector<Holdings> counts(snapshot.processes.size());
  std::set<std::pair<schema::SocketIndex, schema::ProcessIndex>> counted;
  for (const schema::Holder& holder : snapshot.holders) {
    if (counted.emplace(holder.socket, holder.process).second) {
      add(counts[holder.process.value()], snapshot.sockets[holder.socket.value()]);
    }
  }
  return counts;
}

bool sees_all_sockets(const schema::Snapshot& snapshot) {
  return std::none_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const schema::Gap& gap) {
    return gap.source == schema::GapSource::SocketTable ||
           gap.source == schema::GapSource::Namespace;
  });
}

bool offers_service(const Socket& socket) {
  if (socket.state == schema::SocketState::Listen) {
    return true;
  }
  const bool datagram = socket.protocol == Protocol::Udp || socket.protocol == Protocol::UdpLite;
  return datagram && socket.state == schema::SocketState::Unconnected &&
         socket.local_port != schema::Port(0);
}

}  // namespace sockwitness::query
