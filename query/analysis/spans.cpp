#include "query/analysis/spans.h"

#include <algorithm>

#include "query/analysis/hiding.h"

namespace sockwitness::query {

using schema::Seq;

std::optional<Seq> SpanBuilder::find_not_before(const Sighting& first) const {
  for (auto earlier = unseen_.rbegin(); earlier != unseen_.rend(); ++earlier) {
    const bool looked =
        std::none_of(first.places.begin(), first.places.end(), [&](const Place& place) {
          return may_have_hidden(*earlier, first, place);
        });
    if (looked) {
      return earlier->snapshots.last;
    }
  }
  // Nobody looked there since the span before ended elsewhere: that end is what is known.
  return spans_.empty() ? std::nullopt : spans_.back().not_after;
}

void SpanBuilder::keep_hidden() {
  auto& not_looked = spans_.back().not_looked;
  not_looked.insert(not_looked.end(), hidden_.begin(), hidden_.end());
  hidden_.clear();
}

void SpanBuilder::add(Sighting sighting) {
  if (!sighting.places.empty()) {
    if (open_) {
      keep_hidden();
      spans_.back().seen.last = sighting.snapshots.last;
    } else {
      spans_.push_back({sighting.snapshots, find_not_before(sighting), std::nullopt, {}});
      open_ = true;
    }
    unseen_.clear();
    last_ = std::move(sighting);
    return;
  }
  if (open_) {
    std::optional<NotLooked> hidden;
    for (const Place& place : last_.places) {
      if (!hidden) {
        hidden = find_hiding(sighting, last_, place);
      }
    }
    if (hidden) {
      hidden_.push_back(std::move(*hidden));
    } else {
      spans_.back().not_after = sighting.snapshots.first;
      keep_hidden();
      open_ = false;
    }
  }
  unseen_.push_back(std::move(sighting));
}

std::vector<Span> SpanBuilder::finish() {
  if (open_) {
    keep_hidden();
    open_ = false;
  }
  return std::move(spans_);
}

}  // namespace sockwitness::query
