#include "query/analysis/listing.h"

#include <algorithm>

#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {

std::vector<ListedSocket> list_sockets(const schema::SnapshotView& view,
                                       const Filter& filter,
                                       std::span<const schema::Seen> lifetimes,
                                       const schema::ListenerPast* past) {
  const schema::DirectionFinder directions(view, past);
  const auto& sockets = view.snapshot().sockets;
  std::vector<ListedSocket> rows;
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    const schema::SocketIndex index(at);
    if (!matches(filter, view, index)) {
      continue;
    }
    ListedSocket row{index, view.holders(index), std::nullopt, std::nullopt};
    std::optional<schema::Seq> first_seen;
    if (at < lifetimes.size()) {
      row.seen = lifetimes[at];
      first_seen = row.seen->snapshots.first;
    }
    row.direction = directions.find(sockets[at], first_seen);
    rows.push_back(row);
  }
  std::stable_sort(
      rows.begin(), rows.end(), [&](const ListedSocket& left, const ListedSocket& right) {
        return schema::listed_before(view.socket(left.index), view.socket(right.index));
      });
  return rows;
}

}  // namespace sockwitness::query
