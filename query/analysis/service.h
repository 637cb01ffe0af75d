// What people mean by "an open port": an endpoint and who answers there.
//
// In:    one snapshot.
// Out:   one service per endpoint, with all owners of all its sockets, in a total order.
// Never: pids, inodes or counters in the identity; a client's own UDP port as a service.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "schema/model/snapshot_info.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// Identity of a service across snapshots and reboots: all fields.
struct Endpoint {
  std::string netns;  // label
  schema::Protocol protocol = schema::Protocol::Tcp;
  schema::Family family = schema::Family::Ipv4;
  schema::IpAddress address;
  schema::Port port;  // for raw sockets the IP protocol number
  std::string name;   // unix and vsock

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// One process that answers there. Identity: all but `process` and `parent`, which are of this
// snapshot only.
struct Owner {
  schema::ProcessIndex process;
  schema::Pid parent;  // 0 when it has none that could be seen
  std::string name;
  std::string program;  // path
  std::string script;
  schema::Uid uid;  // effective
  std::string unit;
  std::string container;
};

struct Service {
  Endpoint endpoint;
  std::vector<schema::SocketIndex> sockets;  // of this snapshot; several with SO_REUSEPORT
  std::vector<Owner> owners;                 // oldest first
  schema::NoHolderReason no_holder = schema::NoHolderReason::None;
  bool dual_stack = false;  // [::] that takes IPv4 as well
  bool passing = false;     // an ephemeral UDP port that no other snapshot has: perhaps a client's
};

// A UDP port of the ephemeral range whose owner also talks as a client is left out, unless it was
// there in other snapshots as well. `lifetimes` is parallel to the snapshot's sockets, or empty
// when they are not known.
[[nodiscard]] std::vector<Service> collect_services(const schema::SnapshotView& view,
                                                    std::span<const schema::Seen> lifetimes);

}  // namespace sockwitness::query
