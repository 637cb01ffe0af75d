#include "query/read/coverage_gaps.h"

#include <algorithm>

#include "query/read/snapshot_contexts.h"

namespace sockwitness::query {

std::vector<CoverageGap> read_coverage_gaps(History& history,
                                            schema::SeqRange snapshots,
                                            schema::Seq latest) {
  const SnapshotContexts contexts(history, snapshots, latest, SnapshotContexts::Gaps::OfSockets);
  std::vector<CoverageGap> partial;
  for (const auto& [seen, row] : contexts.gaps()) {
    // A table that the kernel does not have hides nothing.
    if (row.gap.source == schema::GapSource::SocketTable &&
        row.gap.reason == schema::GapReason::NotSupported) {
      continue;
    }
    CoverageGap part{seen, row.gap, {}};
    for (const auto& [living, netns] : contexts.namespaces()) {
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
