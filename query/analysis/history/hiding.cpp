#include "query/analysis/history/hiding.h"

#include <algorithm>
#include <string_view>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;
using schema::Visibility;

std::string_view label_of(const Visibility& visibility, const Gap& gap) {
  return gap.netns ? std::string_view(visibility.namespaces.at(gap.netns->value()).label)
                   : std::string_view();
}

// Namespaces are numbered anew in every snapshot: their labels are compared. Of hidden processes
// there are now more, now less.
bool is_same(const Visibility& of_one, const Gap& one, const Visibility& of_other, Gap other) {
  if (label_of(of_one, one) != label_of(of_other, other)) {
    return false;
  }
  other.netns = one.netns;
  if (one.source == GapSource::ProcessList) {
    other.count = one.count;
  }
  return one == other;
}

// A list of processes that was already incomplete when this one was seen does not hide it.
const Gap* find_process_gap(const Visibility& visibility,
                            const Visibility& seen_in,
                            schema::Pid pid) {
  const auto found =
      std::find_if(visibility.gaps.begin(), visibility.gaps.end(), [&](const Gap& gap) {
        const bool stands =
            std::any_of(seen_in.gaps.begin(), seen_in.gaps.end(), [&](const Gap& other) {
              return is_same(visibility, gap, seen_in, other);
            });
        return (gap.source == GapSource::ProcessList && !stands) ||
               (gap.source == GapSource::Process && (!gap.pid || gap.pid == pid));
      });
  return found == visibility.gaps.end() ? nullptr : &*found;
}

bool is_doubtful(const Observation& observation, const Place& place) {
  return std::find(observation.doubtful.begin(), observation.doubtful.end(), place) !=
         observation.doubtful.end();
}

}  // namespace

bool may_have_hidden(const Observation& earlier, const Observation& seen, const Place& place) {
  return is_doubtful(earlier, place) ||
         (place.endpoint &&
          find_gap_before(*earlier.visibility, *seen.visibility, *place.endpoint)) ||
         (place.pid &&
          find_process_gap(*earlier.visibility, *seen.visibility, *place.pid) != nullptr);
}

std::optional<CoverageGap> find_hiding(const Observation& later,
                                       const Observation& seen,
                                       const Place& place) {
  const Gap* gap = nullptr;
  if (place.endpoint) {
    if (const auto at = find_covering_gap(*later.visibility, *place.endpoint)) {
      gap = &later.visibility->gaps.at(*at);
    }
  } else if (place.pid) {
    gap = find_process_gap(*later.visibility, *seen.visibility, *place.pid);
  }
  if (gap == nullptr) {
    return is_doubtful(later, place) ? std::optional(CoverageGap{later.snapshots, std::nullopt, {}})
                                     : std::nullopt;
  }
  CoverageGap hidden{later.snapshots, *gap, {}};
  if (gap->netns) {
    hidden.netns = later.visibility->namespaces.at(gap->netns->value()).label;
    hidden.gap->netns.reset();
  }
  return hidden;
}

}  // namespace sockwitness::query
