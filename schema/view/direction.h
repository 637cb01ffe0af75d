// Who opened a connection, and how we know.
//
// In:    all sockets of one snapshot.
// Out:   inbound or outbound with its evidence; nothing without a peer or where nothing decides.
// Never: states a guess as if it had been seen.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schema/view/snapshot_view.h"

namespace sockwitness::schema {

enum class Way { Inbound, Outbound };

enum class DirectionEvidence {
  Listener,      // something listens on the local port, in the same namespace
  PeerListener,  // the other end is on this host too, and something listens on its port
  PortRule       // one side is in the range that the kernel gives to clients, the other is not
};

struct Direction {
  Way way = Way::Inbound;
  DirectionEvidence evidence = DirectionEvidence::Listener;

  friend bool operator==(const Direction&, const Direction&) = default;
};

[[nodiscard]] std::string_view way_word(Way way);
// "listener", "peer listener", "guess: port rule"
[[nodiscard]] std::string_view evidence_word(DirectionEvidence evidence);

class DirectionFinder {
 public:
  // The view must outlive the finder.
  explicit DirectionFinder(const SnapshotView& view);

  [[nodiscard]] std::optional<Direction> find(const Socket& socket) const;

 private:
  struct Place {
    NetnsIndex netns;
    Protocol protocol;
    Port port;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Listener {
    Place place;
    IpAddress address;
    bool any = false;
    bool takes_v4 = false;
    bool takes_v6 = false;
  };
  struct Pair {
    Place local;
    IpAddress local_address;
    Port remote_port;
    IpAddress remote_address;
    friend auto operator<=>(const Pair&, const Pair&) = default;
  };

  [[nodiscard]] bool listens(const Place& place, const IpAddress& address) const;
  [[nodiscard]] bool peer_is_here(const Socket& socket) const;

  const SnapshotView& view_;
  std::vector<Listener> listeners_;  // ordered by place
  std::vector<Pair> pairs_;          // ordered
};

}  // namespace sockwitness::schema
