#include "query/read/place_gaps.h"

namespace sockwitness::query {

std::vector<NotLooked> find_place_gaps(const Surroundings& around) {
  std::vector<NotLooked> gaps;
  for (const auto& [seen, row] : around.gaps()) {
    if (row.gap.source != schema::GapSource::SocketTable &&
        row.gap.source != schema::GapSource::Namespace) {
      continue;
    }
    NotLooked gap{seen, row.gap, {}};
    for (const auto& [living, netns] : around.namespaces()) {
      if (row.netns == netns.origin.value_or(netns.id) && living.overlaps(seen)) {
        gap.netns = netns.netns.label;
      }
    }
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace sockwitness::query
