// How many sockets of each sort a process holds.
//
// In:    a snapshot.
// Out:   counts, parallel to its processes.
// Never: counts a socket twice because two descriptors of one process lead to it.
#pragma once

#include <cstdint>
#include <vector>

namespace sockwitness::schema {
struct Snapshot;
struct Socket;
}  // namespace sockwitness::schema

namespace sockwitness::query {

struct Holdings {
  std::int64_t listeners = 0;    // internet sockets that wait for peers
  std::int64_t connections = 0;  // internet sockets with a peer
  std::int64_t captures = 0;     // packet and raw sockets
  std::int64_t vsocks = 0;       // sockets to the hypervisor
  std::int64_t beyond = 0;       // listeners and connections that reach beyond this host

  // It can be talked to from elsewhere, or talks to elsewhere, or listens in.
  [[nodiscard]] bool network() const { return listeners + connections + captures + vsocks > 0; }
};

[[nodiscard]] std::vector<Holdings> count_holdings(const schema::Snapshot& snapshot);

// Every table of sockets was read.
[[nodiscard]] bool sees_all_sockets(const schema::Snapshot& snapshot);

// LISTEN of any family, or a datagram socket of the internet families with a port and no peer.
[[nodiscard]] bool offers_service(const schema::Socket& socket);

}  // namespace sockwitness::query
