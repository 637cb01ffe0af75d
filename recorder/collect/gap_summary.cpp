#include "recorder/collect/gap_summary.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sockwitness::recorder {
namespace {

auto place_of(const schema::Gap& gap) {
  return std::tie(gap.source, gap.reason, gap.netns, gap.object, gap.error_number);
}

}  // namespace

void add_kept_namespaces(std::vector<schema::Gap>& gaps) {
  std::set<schema::Gap> follow;
  for (const schema::Gap& gap : gaps) {
    if (gap.source == schema::GapSource::ProcessField &&
        (gap.object == schema::GapPart::Descriptors || gap.object == schema::GapPart::Threads) &&
        gap.reason != schema::GapReason::Vanished) {
      follow.insert({.source = schema::GapSource::Namespace,
                     .reason = gap.reason,
                     .netns = std::nullopt,
                     .pid = std::nullopt,
                     .object = gap.object,
                     .error_number = gap.error_number});
    }
  }
  gaps.insert(gaps.end(), follow.begin(), follow.end());
}

std::vector<schema::Gap> summarize_gaps(std::vector<schema::Gap> gaps) {
  std::sort(gaps.begin(), gaps.end(), [](const schema::Gap& left, const schema::Gap& right) {
    return std::tuple(place_of(left), left.pid) < std::tuple(place_of(right), right.pid);
  });
  std::vector<schema::Gap> summary;
  for (schema::Gap& gap : gaps) {
    if (summary.empty() || place_of(summary.back()) != place_of(gap)) {
      summary.push_back(std::move(gap));
      continue;
    }
    summary.back().count += gap.count;
    summary.back().pid.reset();
  }
  return summary;
}

}  // namespace sockwitness::recorder
