#include "query/analysis/findings/peers.h"

#include <functional>
#include <unordered_map>

#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Inode;
using schema::IpAddress;
using schema::Port;
using schema::Protocol;
using schema::Snapshot;
using schema::Socket;
using schema::SocketIndex;

struct Conversation {
  Protocol protocol = Protocol::Tcp;
  IpAddress local;
  Port local_port;
  IpAddress remote;
  Port remote_port;
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

struct Hash {
  std::size_t operator()(const Conversation& key) const {
    const std::hash<std::string_view> bytes;
    std::size_t hash = bytes(key.local.bytes()) * 31 + bytes(key.remote.bytes());
    hash = hash * 31 + key.local_port.value();
    return hash * 31 + key.remote_port.value();
  }
};

Conversation of(const Socket& socket) {
  return {socket.protocol,
          plain_address(socket.local_address),
          socket.local_port,
          plain_address(socket.remote_address),
          socket.remote_port};
}

Conversation mirrored(const Socket& socket) {
  const Conversation own = of(socket);
  return {own.protocol, own.remote, own.remote_port, own.local, own.local_port};
}

using Ends = std::unordered_multimap<Conversation, SocketIndex, Hash>;

std::optional<SocketIndex> find_end(const Snapshot& snapshot,
                                    const Ends& ends,
                                    const Socket& socket) {
  const auto [first, last] = ends.equal_range(mirrored(socket));
  std::optional<SocketIndex> elsewhere;
  std::size_t candidates = 0;
  for (auto end = first; end != last; ++end) {
    const Socket& other = snapshot.sockets[end->second.value()];
    if (other.netns == socket.netns) {
      return end->second;
    }
    elsewhere = end->second;
    ++candidates;
  }
  const bool may_cross = candidates == 1 && !is_loopback(socket);
  return may_cross ? elsewhere : std::nullopt;
}

}  // namespace

std::vector<std::optional<SocketIndex>> find_peers(const Snapshot& snapshot) {
  Ends ends;
  std::unordered_map<Inode, SocketIndex> unix_by_inode;
  for (std::uint32_t at = 0; at < snapshot.sockets.size(); ++at) {
    const Socket& socket = snapshot.sockets[at];
    if (is_connected(socket)) {
      ends.emplace(of(socket), SocketIndex(at));
    } else if (socket.family == schema::Family::Unix && socket.inode != Inode()) {
      unix_by_inode.emplace(socket.inode, SocketIndex(at));
    }
  }
  std::vector<std::optional<SocketIndex>> peers(snapshot.sockets.size());
  for (std::size_t at = 0; at < peers.size(); ++at) {
    const Socket& socket = snapshot.sockets[at];
    if (is_connected(socket)) {
      peers[at] = find_end(snapshot, ends, socket);
    } else if (const auto peer = unix_by_inode.find(socket.peer);
               socket.peer != Inode() && peer != unix_by_inode.end()) {
      peers[at] = peer->second;
    }
  }
  return peers;
}

}  // namespace sockwitness::query
