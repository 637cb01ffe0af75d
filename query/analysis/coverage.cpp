#include "query/analysis/coverage.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;

bool knows_namespace(const schema::SnapshotView& view, const std::string& label) {
  const auto& namespaces = view.snapshot().namespaces;
  return std::any_of(namespaces.begin(), namespaces.end(), [&](const schema::Netns& netns) {
    return netns.label == label;
  });
}

// A gap without a namespace stands for one that could not even be named: it may be any that is
// missing.
bool covers_namespace(const schema::SnapshotView& view, const Gap& gap, const std::string& label) {
  return gap.netns ? view.netns_label(*gap.netns) == label : !knows_namespace(view, label);
}

bool covers(const schema::SnapshotView& view, const Gap& gap, const Endpoint& endpoint) {
  switch (gap.source) {
    case GapSource::Namespace:
      return covers_namespace(view, gap, endpoint.netns);
    case GapSource::SocketTable: {
      // A kernel that has no such table has no such sockets.
      if (gap.reason == schema::GapReason::NotSupported) {
        return false;
      }
      const bool same_table = gap.object == schema::protocol_name(endpoint.protocol);
      return same_table && (!gap.netns || view.netns_label(*gap.netns) == endpoint.netns);
    }
    default:
      return false;
  }
}

template <class Counts>
std::optional<std::size_t> find_gap(const schema::SnapshotView& view,
                                    const Endpoint& endpoint,
                                    Counts counts) {
  const auto& gaps = view.snapshot().gaps;
  const auto found = std::find_if(gaps.begin(), gaps.end(), [&](const Gap& gap) {
    return counts(gap) && covers(view, gap, endpoint);
  });
  if (found == gaps.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - gaps.begin());
}

}  // namespace

std::optional<std::size_t> find_covering_gap(const schema::SnapshotView& view,
                                             const Endpoint& endpoint) {
  return find_gap(view, endpoint, [](const Gap&) { return true; });
}

std::optional<std::size_t> find_gap_before(const schema::SnapshotView& earlier,
                                           const schema::SnapshotView& later,
                                           const Endpoint& endpoint) {
  const auto& still = later.snapshot().gaps;
  return find_gap(earlier, endpoint, [&](const Gap& gap) {
    const bool unnamed = gap.source == GapSource::Namespace && !gap.netns;
    return !unnamed || std::find(still.begin(), still.end(), gap) == still.end();
  });
}

}  // namespace sockwitness::query
