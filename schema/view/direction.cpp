#include "schema/view/direction.h"

#include <algorithm>

#include "schema/view/address_pattern.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {

std::string_view way_word(Way way) {
  return way == Way::Inbound ? "inbound" : "outbound";
}

std::string_view evidence_word(DirectionEvidence evidence) {
  switch (evidence) {
    case DirectionEvidence::Listener:
      return "listener";
    case DirectionEvidence::PeerListener:
      return "peer listener";
    case DirectionEvidence::PortRule:
      break;
  }
  return "guess: port rule";
}

DirectionFinder::DirectionFinder(const SnapshotView& view) : view_(view) {
  for (const Socket& socket : view.snapshot().sockets) {
    if (!is_inet(socket)) {
      continue;
    }
    const Place place{socket.netns, socket.protocol, socket.local_port};
    if (waits_for_peers(socket)) {
      const bool any = socket.local_address.ip_class() == IpClass::Any;
      const bool v6 = socket.family == Family::Ipv6;
      const bool dual = v6 && any && !socket.v6only.value_or(false);
      const auto address = plain_address(socket.local_address);
      listeners_.push_back({place, address, any, !address.is_v6() || dual, v6});
    } else if (is_connected(socket)) {
      pairs_.push_back({place,
                        plain_address(socket.local_address),
                        socket.remote_port,
                        plain_address(socket.remote_address)});
    }
  }
  std::sort(listeners_.begin(), listeners_.end(), [](const Listener& left, const Listener& right) {
    return left.place < right.place;
  });
  std::sort(pairs_.begin(), pairs_.end());
}

bool DirectionFinder::listens(const Place& place, const IpAddress& address) const {
  auto candidate = std::lower_bound(
      listeners_.begin(),
      listeners_.end(),
      place,
      [](const Listener& listener, const Place& wanted) { return listener.place < wanted; });
  for (; candidate != listeners_.end() && candidate->place == place; ++candidate) {
    const bool family_fits = address.is_v6() ? candidate->takes_v6 : candidate->takes_v4;
    if (family_fits && (candidate->any || candidate->address == address)) {
      return true;
    }
  }
  return false;
}

bool DirectionFinder::peer_is_here(const Socket& socket) const {
  const Pair mirrored{{socket.netns, socket.protocol, socket.remote_port},
                      plain_address(socket.remote_address),
                      socket.local_port,
                      plain_address(socket.local_address)};
  return std::binary_search(pairs_.begin(), pairs_.end(), mirrored);
}

std::optional<Direction> DirectionFinder::find(const Socket& socket) const {
  if (!is_connected(socket)) {
    return std::nullopt;
  }
  const Place here{socket.netns, socket.protocol, socket.local_port};
  if (listens(here, plain_address(socket.local_address))) {
    return Direction{Way::Inbound, DirectionEvidence::Listener};
  }
  const Place there{socket.netns, socket.protocol, socket.remote_port};
  const auto remote = plain_address(socket.remote_address);
  const bool on_this_host = peer_is_here(socket) || remote.ip_class() == IpClass::Loopback;
  if (on_this_host && listens(there, remote)) {
    return Direction{Way::Outbound, DirectionEvidence::PeerListener};
  }
  const Context& context = view_.snapshot().context;
  const PortRange ephemeral{context.ephemeral_first, context.ephemeral_last};
  const bool local_ephemeral = ephemeral.contains(socket.local_port);
  if (local_ephemeral == ephemeral.contains(socket.remote_port)) {
    return std::nullopt;
  }
  return Direction{local_ephemeral ? Way::Outbound : Way::Inbound, DirectionEvidence::PortRule};
}

}  // namespace sockwitness::schema
