#include "query/analysis/history/intervals.h"

#include <algorithm>

#include "query/analysis/history/hiding.h"

namespace sockwitness::query {

using schema::Seq;

std::optional<Seq> IntervalBuilder::find_not_before(const Observation& first) const {
  for (auto earlier = unseen_.rbegin(); earlier != unseen_.rend(); ++earlier) {
    const bool looked =
        std::none_of(first.places.begin(), first.places.end(), [&](const Place& place) {
          return may_have_hidden(*earlier, first, place);
        });
    if (looked) {
      return earlier->snapshots.last;
    }
  }
  // No snapshot could see the place since the interval before ended elsewhere: that end is known.
  return intervals_.empty() ? std::nullopt : intervals_.back().not_after;
}

void IntervalBuilder::keep_hidden() {
  auto& coverage_gaps = intervals_.back().coverage_gaps;
  coverage_gaps.insert(coverage_gaps.end(), hidden_.begin(), hidden_.end());
  hidden_.clear();
}

void IntervalBuilder::add(Observation observation) {
  if (!observation.places.empty()) {
    if (open_) {
      keep_hidden();
      intervals_.back().seen.last = observation.snapshots.last;
    } else {
      intervals_.push_back({observation.snapshots, find_not_before(observation), std::nullopt, {}});
      open_ = true;
    }
    unseen_.clear();
    last_ = std::move(observation);
    return;
  }
  if (open_) {
    std::optional<CoverageGap> hidden;
    for (const Place& place : last_.places) {
      if (!hidden) {
        hidden = find_hiding(observation, last_, place);
      }
    }
    if (hidden) {
      hidden_.push_back(std::move(*hidden));
    } else {
      intervals_.back().not_after = observation.snapshots.first;
      keep_hidden();
      open_ = false;
    }
  }
  unseen_.push_back(std::move(observation));
}

std::vector<Interval> IntervalBuilder::finish() {
  if (open_) {
    keep_hidden();
    open_ = false;
  }
  return std::move(intervals_);
}

}  // namespace sockwitness::query
