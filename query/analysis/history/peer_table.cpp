#include "query/analysis/history/peer_table.h"

#include <algorithm>

#include "schema/view/socket_traits.h"

namespace sockwitness::query {

void PeerTable::add(const schema::IpAddress& address, schema::SeqRange seen) {
  const auto [entry, is_new] = peers_.try_emplace(schema::plain_address(address), Count{0, seen});
  Count& count = entry->second;
  ++count.connections;
  ++connections_;
  count.seen.first = std::min(count.seen.first, seen.first);
  count.seen.last = std::max(count.seen.last, seen.last);
}

void PeerTable::prolong(const schema::IpAddress& address, schema::Seq seq) {
  const auto found = peers_.find(schema::plain_address(address));
  if (found != peers_.end()) {
    found->second.seen.last = std::max(found->second.seen.last, seq);
  }
}

std::vector<Peer> PeerTable::most_frequent(std::size_t most) const {
  const auto earlier = [](const Peer& left, const Peer& right) {
    return left.connections != right.connections ? left.connections > right.connections
                                                 : left.address < right.address;
  };
  std::vector<Peer> peers;
  peers.reserve(peers_.size());
  for (const auto& [address, count] : peers_) {
    peers.push_back({address, count.connections, count.seen});
  }
  const std::size_t kept = std::min(most, peers.size());
  std::partial_sort(
      peers.begin(), peers.begin() + static_cast<std::ptrdiff_t>(kept), peers.end(), earlier);
  peers.resize(kept);
  return peers;
}

}  // namespace sockwitness::query
