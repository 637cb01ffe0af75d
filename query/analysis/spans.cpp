#include "query/analysis/spans.h"

#include <algorithm>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;
using schema::Seq;

// A list of processes that was already incomplete when this one was seen does not hide it.
bool hides_process(const schema::ServiceSet& view,
                   const schema::ServiceSet& seen_in,
                   schema::Pid pid) {
  return std::any_of(view.gaps.begin(), view.gaps.end(), [&](const Gap& gap) {
    const bool stands =
        std::find(seen_in.gaps.begin(), seen_in.gaps.end(), gap) != seen_in.gaps.end();
    return (gap.source == GapSource::ProcessList && !stands) ||
           (gap.source == GapSource::Process && gap.pid == pid);
  });
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
         (place.pid && hides_process(*earlier.view, *seen.view, *place.pid));
}

// Something that was seen earlier.
bool may_hide(const Sighting& later, const Sighting& seen, const Place& place) {
  return is_doubtful(later, place) ||
         (place.endpoint && find_covering_gap(*later.view, *place.endpoint)) ||
         (place.pid && hides_process(*later.view, *seen.view, *place.pid));
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

void SpanBuilder::add(Sighting sighting) {
  if (!sighting.places.empty()) {
    if (open_) {
      Span& span = spans_.back();
      for (const Sighting& unseen : unseen_) {
        span.not_looked.push_back(unseen.snapshots);
      }
      span.seen.last = sighting.snapshots.last;
    } else {
      spans_.push_back({sighting.snapshots, find_not_before(sighting), std::nullopt, {}});
      open_ = true;
    }
    unseen_.clear();
    last_ = std::move(sighting);
    return;
  }
  const bool hidden =
      open_ && std::any_of(last_.places.begin(), last_.places.end(), [&](const Place& place) {
        return may_hide(sighting, last_, place);
      });
  if (open_ && !hidden) {
    Span& span = spans_.back();
    span.not_after = sighting.snapshots.first;
    for (const Sighting& unseen : unseen_) {
      span.not_looked.push_back(unseen.snapshots);
    }
    open_ = false;
  }
  unseen_.push_back(std::move(sighting));
}

std::vector<Span> SpanBuilder::finish() {
  if (open_) {
    for (const Sighting& unseen : unseen_) {
      spans_.back().not_looked.push_back(unseen.snapshots);
    }
    open_ = false;
  }
  return std::move(spans_);
}

}  // namespace sockwitness::query
