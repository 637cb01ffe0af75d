#include "query/read/place_gaps.h"

namespace sockwitness::query {

std::vector<CoverageGap> find_place_gaps(const SnapshotContexts& contexts) {
  std::vector<CoverageGap> gaps;
  for (const auto& [seen, row] : contexts.gaps()) {
    if (row.gap.source != schema::GapSource::SocketTable &&
        row.gap.source != schema::GapSource::Namespace) {
      continue;
    }
    CoverageGap gap{seen, row.gap, {}};
    for (const auto& [living, netns] : contexts.namespaces()) {
      if (row.netns == netns.origin.value_or(netns.id) && living.overlaps(seen)) {
        gap.netns = netns.netns.label;
      }
    }
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace sockwitness::query
