#include "query/analysis/hiding.h"

#include <algorithm>
#include <string_view>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;
using schema::ServiceSet;

std::string_view label_of(const ServiceSet& set, const Gap& gap) {
  return gap.netns ? std::string_view(set.namespaces.at(gap.netns->value()).label)
                   : std::string_view();
}

// Namespaces are numbered anew in every snapshot: their labels are compared. Of hidden processes
// there are now more, now less.
bool is_same(const ServiceSet& one_set, const Gap& one, const ServiceSet& other_set, Gap other) {
  if (label_of(one_set, one) != label_of(other_set, other)) {
    return false;
  }
  other.netns = one.netns;
  if (one.source == GapSource::ProcessList) {
    other.count = one.count;
  }
  return one == other;
}

// A list of processes that was already incomplete when this one was seen does not hide it.
const Gap* find_process_gap(const ServiceSet& view, const ServiceSet& seen_in, schema::Pid pid) {
  const auto found = std::find_if(view.gaps.begin(), view.gaps.end(), [&](const Gap& gap) {
    const bool stands =
        std::any_of(seen_in.gaps.begin(), seen_in.gaps.end(), [&](const Gap& other) {
          return is_same(view, gap, seen_in, other);
        });
    return (gap.source == GapSource::ProcessList && !stands) ||
           (gap.source == GapSource::Process && (!gap.pid || gap.pid == pid));
  });
  return found == view.gaps.end() ? nullptr : &*found;
}

bool is_doubtful(const Sighting& sighting, const Place& place) {
  return std::find(sighting.doubtful.begin(), sighting.doubtful.end(), place) !=
         sighting.doubtful.end();
}

}  // namespace

bool may_have_hidden(const Sighting& earlier, const Sighting& seen, const Place& place) {
  return is_doubtful(earlier, place) ||
         (place.endpoint && find_gap_before(*earlier.view, *seen.view, *place.endpoint)) ||
         (place.pid && find_process_gap(*earlier.view, *seen.view, *place.pid) != nullptr);
}

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

}  // namespace sockwitness::query
