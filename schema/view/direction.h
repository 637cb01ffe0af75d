// Which end opened a connection, with the evidence.
//
// In:    all sockets of one snapshot; earlier listeners, where known.
// Out:   inbound or outbound with its evidence; nothing without a peer or where nothing decides.
// Never: states a guess as an observation.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schema/view/listener_past.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::schema {

enum class Way { Inbound, Outbound };

enum class DirectionEvidence {
  Listener,         // something listens on the local port, in the same namespace
  PeerListener,     // the other end is on this host too, and something listens on its port
  EarlierListener,  // something listened there before
  PortRule          // one side is in the range that the kernel gives to clients, the other is not
};

struct Direction {
  Way way = Way::Inbound;
  DirectionEvidence evidence = DirectionEvidence::Listener;

  friend bool operator==(const Direction&, const Direction&) = default;
};

[[nodiscard]] std::string_view way_word(Way way);
// "listener", "peer listener", "earlier listener", "guess: port rule"
[[nodiscard]] std::string_view evidence_word(DirectionEvidence evidence);

class DirectionFinder {
 public:
  // Both must outlive the finder. What lived at the view's snapshot by `past` listens there, too: a
  // view may hold only a part of its snapshot.
  explicit DirectionFinder(const SnapshotView& view, const ListenerPast* past = nullptr);

  // `first_seen` is the first snapshot that saw the connection: what listened in the one before may
  // have accepted it. Elsewhere an earlier listener counts on ports that the kernel gives to no
  // client.
  [[nodiscard]] std::optional<Direction> find(const Socket& socket,
                                              std::optional<Seq> first_seen = std::nullopt) const;

 private:
  struct Place {
    NetnsIndex netns;
    Protocol protocol;
    Port port;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Listener {
    Place place;
    ListeningEnd end;
  };
  struct Pair {
    Place local;
    IpAddress local_address;
    Port remote_port;
    IpAddress remote_address;
    friend auto operator<=>(const Pair&, const Pair&) = default;
  };

  [[nodiscard]] bool listens(const Place& place, const IpAddress& address) const;
  [[nodiscard]] bool listened(const Socket& socket, std::optional<Seq> first_seen) const;
  [[nodiscard]] bool peer_is_here(const Socket& socket) const;

  const SnapshotView& view_;
  const ListenerPast* past_;
  std::vector<Listener> listeners_;  // ordered by place
  std::vector<Pair> pairs_;          // ordered
};

}  // namespace sockwitness::schema
