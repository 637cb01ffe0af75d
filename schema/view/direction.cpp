#include "schema/view/direction.h"

#include <algorithm>

#include "schema/model/snapshot.h"
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
    case DirectionEvidence::EarlierListener:
      return "earlier listener";
    case DirectionEvidence::PortRule:
      break;
  }
  return "guess: port rule";
}

DirectionFinder::DirectionFinder(const SnapshotView& view, const ListenerPast* past)
    : view_(view), past_(past) {
  for (const Socket& socket : view.snapshot().sockets) {
    if (!is_inet(socket)) {
      continue;
    }
    const Place place{socket.netns, socket.protocol, socket.local_port};
    if (is_forward(socket)) {
      continue;  // what comes in there has no socket here
    }
    if (waits_for_peers(socket)) {
      listeners_.push_back({place, listening_end(socket)});
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
    if (takes(candidate->end, address)) {
      return true;
    }
  }
  const auto& now = view_.snapshot().seq;
  return past_ != nullptr && now &&
         past_->lived({std::string(view_.netns_label(place.netns)), place.protocol, place.port},
                      address,
                      {*now, *now});
}

bool DirectionFinder::listened(const Socket& socket, std::optional<Seq> first_seen) const {
  const auto& now = view_.snapshot().seq;
  if (past_ == nullptr || !now) {
    return false;
  }
  const Context& context = view_.snapshot().context;
  const bool chosen_by_kernel =
      PortRange{context.ephemeral_first, context.ephemeral_last}.contains(socket.local_port);
  const Seq from = chosen_by_kernel ? Seq(first_seen.value_or(*now).value() - 1) : Seq(1);
  return past_->lived(
      {std::string(view_.netns_label(socket.netns)), socket.protocol, socket.local_port},
      plain_address(socket.local_address),
      {from, *now});
}

bool DirectionFinder::peer_is_here(const Socket& socket) const {
  const Pair mirrored{{socket.netns, socket.protocol, socket.remote_port},
                      plain_address(socket.remote_address),
                      socket.local_port,
                      plain_address(socket.local_address)};
  return std::binary_search(pairs_.begin(), pairs_.end(), mirrored);
}

std::optional<Direction> DirectionFinder::find(const Socket& socket,
                                               std::optional<Seq> first_seen) const {
  if (!is_connected(socket)) {
    return std::nullopt;
  }
  const Place here{socket.netns, socket.protocol, socket.local_port};
  if (listens(here, plain_address(socket.local_address))) {
    return Direction{Way::Inbound, DirectionEvidence::Listener};
  }
  const Place there{socket.netns, socket.protocol, socket.remote_port};
  const auto remote = plain_address(socket.remote_address);
  const bool on_this_host = peer_is_here(socket) || remote.ip_class() == IpClass::Loopback ||
                            remote == plain_address(socket.local_address);
  if (on_this_host && listens(there, remote)) {
    return Direction{Way::Outbound, DirectionEvidence::PeerListener};
  }
  if (listened(socket, first_seen)) {
    return Direction{Way::Inbound, DirectionEvidence::EarlierListener};
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
