// The peers of a host in some snapshots, by direction, port, other end and program.
//
// In:    an opened history, the snapshots of one hour.
// Out:   a row each, with the snapshots that saw it and how many connections they were; those that
//        the host called first, then the most frequent, in a total order.
// Never: connections within the host (loopback), or the port that a client happened to get.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/history/moments.h"
#include "query/read/on_progress.h"
#include "schema/model/ip.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::query {

class History;

enum class PeerWay : std::uint8_t { Inbound, Outbound, Unknown };

struct PeerKey {
  schema::Protocol protocol = schema::Protocol::Tcp;
  PeerWay way = PeerWay::Unknown;
  bool guess = false;  // by the port alone
  schema::Port port;   // the listener's; where nothing tells which that is, the lower one
  schema::IpAddress remote;
  std::string netns;
  std::string program;  // path of whose code holds it; empty: not known

  friend auto operator<=>(const PeerKey&, const PeerKey&) = default;
};

struct HourPeer {
  PeerKey key;
  schema::SeqRange seen;
  std::uint64_t connections = 0;
};

[[nodiscard]] std::vector<HourPeer> read_hour_peers(History& history,
                                                    const Moments& moments,
                                                    schema::SeqRange hour,
                                                    schema::Seq latest,
                                                    const OnProgress& on_progress);

}  // namespace sockwitness::query
