// The services of a snapshot.
//
// In:    one snapshot; of each of its sockets, whether it was there before.
// Out:   one service per endpoint, with all owners of all its sockets.
// Never: takes a client's own UDP port for a service because it was there at one instant.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "schema/model/service.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::schema {

// What other snapshots know of a socket. A port that the kernel chose for an unconnected UDP socket
// is a client's unless it stays.
enum class Persistence : std::uint8_t {
  Unknown,  // no snapshot of this boot lies before
  Passing,  // the snapshot before did not have it
  Lasting   // several snapshots have it
};

// The endpoint is the service's, as far as its interface is known.
[[nodiscard]] bool is_at(const Service& service, const Endpoint& endpoint);

// `stays` is parallel to the snapshot's sockets, or empty: nothing is known.
[[nodiscard]] ServiceSet collect_services(const SnapshotView& view,
                                          std::span<const Persistence> stays);

[[nodiscard]] SharedVisibility visibility_of(const Snapshot& snapshot);

// Where the socket can be reached.
[[nodiscard]] Endpoint endpoint_of(const Snapshot& snapshot, const Socket& socket);

// One process as an owner. Its descriptors, ancestors and login user are left empty.
[[nodiscard]] Owner owner_of(const SnapshotView& view, const Process& process);

// Every process that holds one of these sockets, oldest first, with its descriptors; `complete`
// adds to it what owner_of() leaves empty.
[[nodiscard]] std::vector<Owner> owners_of(
    const SnapshotView& view,
    std::span<const SocketIndex> sockets,
    const std::function<void(Owner&, const Process&)>& complete = {});

// Whose all of these sockets are; nothing where they are several users', or the kernel names none.
[[nodiscard]] std::optional<SocketUser> maker_of(const SnapshotView& view,
                                                 std::span<const SocketIndex> sockets);

// Null when the set has none there.
[[nodiscard]] const Service* find_service(const ServiceSet& set, const Endpoint& endpoint);

}  // namespace sockwitness::schema
