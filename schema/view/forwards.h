// Ports that NAT rules lead elsewhere: where to, in words.
//
// In:    such ports of a snapshot.
// Out:   "172.17.0.2:80", "172.17.0.2:80 in container web", "this host:8080".
// Never: the rule: it may stand elsewhere and lead to the same place.
#pragma once

#include <span>
#include <string>

#include "schema/view/relay.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::schema {

// Precondition of both: is_forward() of each socket.
[[nodiscard]] std::string lead_text(const Socket& socket);
// Of all rules for one place, each target once; empty for none.
[[nodiscard]] std::string leads_of(const SnapshotView& view, std::span<const SocketIndex> sockets);

// Both are at one endpoint. A port of loopback that leads to loopback is a resolver of a container
// engine: its own port is another one whenever it starts.
[[nodiscard]] LeadChange compare_forwards(const Service& before, const Service& after);

// Only what programs of this host send comes to its rule.
[[nodiscard]] bool is_for_this_host(const Endpoint& endpoint);

}  // namespace sockwitness::schema
