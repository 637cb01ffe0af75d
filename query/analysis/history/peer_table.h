// Peers of a service: how often each connected, from when to when.
//
// In:    connections, one by one: the remote address and the snapshots that show it.
// Out:   one row an address, the most frequent first.
// Never: keeps more of a connection than its address.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "schema/model/ip.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct Peer {
  schema::IpAddress address;  // a mapped IPv4 address as IPv4
  std::uint64_t connections = 0;
  schema::SeqRange seen;
};

class PeerTable {
 public:
  void add(const schema::IpAddress& address, schema::SeqRange seen);
  // Another snapshot saw a connection that was added before.
  void prolong(const schema::IpAddress& address, schema::Seq seq);

  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] std::size_t size() const { return peers_.size(); }
  // At most so many; of equal ones the lower address first.
  [[nodiscard]] std::vector<Peer> most_frequent(std::size_t most) const;

 private:
  struct Count {
    std::uint64_t connections = 0;
    schema::SeqRange seen;
  };
  struct Hash {
    std::size_t operator()(const schema::IpAddress& address) const noexcept {
      return std::hash<std::string_view>{}(address.bytes());
    }
  };

  std::unordered_map<schema::IpAddress, Count, Hash> peers_;
  std::uint64_t connections_ = 0;
};

}  // namespace sockwitness::query
