// The other end of a connection, where it is on the same host.
//
// In:    all sockets of one snapshot.
// Out:   for each socket the index of its other end, or nothing.
// Never: pairs by port alone, or one socket with two others.
#pragma once

#include <optional>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::schema {
struct Snapshot;
}  // namespace sockwitness::schema

namespace sockwitness::query {

// Parallel to the sockets. Unix sockets by the inode of their peer; internet sockets by their
// addresses, of another network namespace only when the addresses are no loopback ones and no
// socket else there has them.
[[nodiscard]] std::vector<std::optional<schema::SocketIndex>> find_peers(
    const schema::Snapshot& snapshot);

}  // namespace sockwitness::query
