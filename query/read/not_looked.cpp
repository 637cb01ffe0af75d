#include "query/read/not_looked.h"

#include <algorithm>

#include "query/read/surroundings.h"

namespace sockwitness::query {

std::vector<NotLooked> read_not_looked(History& history,
                                       schema::SeqRange snapshots,
                                       schema::Seq latest) {
  const Surroundings around(history, snapshots, latest, Surroundings::Gaps::OfSockets);
  std::vector<NotLooked> partial;
  for (const auto& [seen, row] : around.gaps()) {
    // A table that the kernel does not have hides nothing.
    if (row.gap.source == schema::GapSource::SocketTable &&
        row.gap.reason == schema::GapReason::NotSupported) {
      continue;
    }
    NotLooked part{seen, row.gap, {}};
    for (const auto& [living, netns] : around.namespaces()) {
      if (row.netns == netns.origin.value_or(netns.id) && living.overlaps(seen)) {
        part.netns = netns.netns.label;
      }
    }
    partial.push_back(std::move(part));
  }
  std::stable_sort(partial.begin(), partial.end(), [](const auto& left, const auto& right) {
    return left.snapshots < right.snapshots;
  });
  return partial;
}

}  // namespace sockwitness::query
