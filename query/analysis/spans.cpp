#include "query/analysis/spans.h"

#include <algorithm>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;
using schema::Seq;

using schema::ServiceSet;

// A list of processes that was already incomplete when this one was seen does not hide it.
const Gap* find_process_gap(const ServiceSet& view, const ServiceSet& seen_in, schema::Pid pid) {
  const auto found = std::find_if(view.gaps.begin(), view.gaps.end(), [&](const Gap& gap) {
    const bool stands =
        std::find(seen_in.gaps.begin(), seen_in.gaps.end(), gap) != seen_in.gaps.end();
    return (gap.source == GapSource::ProcessList && !stands) ||
           (gap.source == GapSource::Process && gap.pid == pid);
  });
  return found == view.gaps.end() ? nullptr : &*found;
}

bool is_doubtful(const Sighting& sighting, const Place& place) {
  return std::find(sighting.doubtful.begin(), sighting.doubtful.end(), place) !=
         sighting.doubtful.end();
}

// Something that was seen later; before it, a namespace that nobody could name, then as now, did
// not hide it.
bool may_have_hidden(const Sighting& earlier, const Sighting& seen, const Place& place) {
  return is_doubtful(earlier, place) ||
         (place.endpoint && find_gap_before(*earlier.view, *seen.view, *place.endpoint)) ||
         (place.pid && find_process_gap(*earlier.view, *seen.view, *place.pid) != nullptr);
}

// Something that was seen earlier: why these snapshots cannot say that it is gone, if they cannot.
std::optional<NotLooked> find_hiding(const Sighting& later,
                                     const Sighting& seen,
                                     const Place& place) {
  const Gap* gap = nullptr;
  if (place.endpoint) {
    if (const auto at = find_covering_gap(*later.view, *place.endpoint)) {
      gap = &later.view->gaps.at(*at);
    }
  } else if (place.pid) {
    gap = find_process_gap(*later.view, *seen.view, *place.pid);
  }
  if (gap == nullptr) {
    return is_doubtful(later, place) ? std::optional(NotLooked{later.snapshots, std::nullopt, {}})
                                     : std::nullopt;
  }
  NotLooked hidden{later.snapshots, *gap, {}};
  if (gap->netns) {
    hidden.netns = later.view->namespaces.at(gap->netns->value()).label;
    hidden.gap->netns.reset();
  }
  return hidden;
}

}  // namespace

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
