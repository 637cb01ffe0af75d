#include "query/analysis/coverage.h"

#include <algorithm>

#include "query/analysis/owners.h"
#include "schema/view/blind_spot.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Gap;
using schema::GapSource;
using schema::Visibility;

// In namespaces that could not be named.
bool names_no_place(const Gap& gap) {
  return (gap.source == GapSource::Namespace || gap.source == GapSource::ProcessList) && !gap.netns;
}

// The same gap. With `fewer` it may cover less now than then: processes come and go.
bool stands_in(const Visibility& visibility, const Gap& gap, bool fewer) {
  return std::any_of(visibility.gaps.begin(), visibility.gaps.end(), [&](const Gap& other) {
    return names_no_place(other) && other.source == gap.source && other.reason == gap.reason &&
           other.object == gap.object && (fewer || other.count >= gap.count);
  });
}

template <class Counts>
std::optional<std::size_t> find_gap(const Visibility& visibility, Counts counts) {
  const auto found = std::find_if(visibility.gaps.begin(), visibility.gaps.end(), counts);
  if (found == visibility.gaps.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - visibility.gaps.begin());
}

std::optional<std::size_t> find_gap_before(const Visibility& earlier,
                                           const Visibility& later,
                                           const Endpoint& endpoint,
                                           bool fewer) {
  return find_gap(earlier, [&](const Gap& gap) {
    return schema::hides(earlier.namespaces, gap, endpoint) &&
           !(names_no_place(gap) && stands_in(later, gap, fewer));
  });
}

}  // namespace

std::optional<std::size_t> find_covering_gap(const Visibility& visibility,
                                             const Endpoint& endpoint) {
  return find_gap(visibility, [&](const Gap& gap) {
    return schema::hides(visibility.namespaces, gap, endpoint);
  });
}

std::optional<std::size_t> find_gap_before(const Visibility& earlier,
                                           const Visibility& later,
                                           const Endpoint& endpoint) {
  return find_gap_before(earlier, later, endpoint, false);
}

std::optional<std::size_t> find_gap_before(const Visibility& earlier,
                                           schema::WallTime as_of,
                                           const Visibility& later,
                                           const schema::Service& service) {
  return find_gap_before(earlier, later, service.endpoint, owners_younger(service, as_of));
}

std::optional<std::size_t> find_label_gap(const Visibility& visibility, const Endpoint& endpoint) {
  return !endpoint.netns.starts_with("netns ")
             ? std::nullopt
             : find_gap(visibility, [](const Gap& gap) {
                 return gap.source == GapSource::Namespace && gap.object == schema::GapPart::Label;
               });
}

std::optional<std::size_t> find_owner_gap(const Visibility& visibility,
                                          std::optional<schema::Pid> pid) {
  return find_gap(visibility, [&](const Gap& gap) {
    // Processes do not come from outside into the pid namespace that a recorder is at home in.
    const bool elsewhere =
        gap.source == GapSource::ProcessList && gap.reason == schema::GapReason::NotSupported;
    return schema::hides_holders(gap) && (!pid || ((!gap.pid || gap.pid == pid) && !elsewhere));
  });
}

bool hides_more_owners(const Visibility& later, const Visibility& earlier) {
  // No process has it: hidden by what hides any process at all.
  constexpr schema::Pid kAny(-1);
  const auto hides_more = [&](schema::Pid pid) {
    return find_owner_gap(later, pid) && !find_owner_gap(earlier, pid);
  };
  return hides_more(kAny) || std::any_of(later.gaps.begin(), later.gaps.end(), [&](const Gap& gap) {
           return gap.pid && hides_more(*gap.pid);
         });
}

}  // namespace sockwitness::query
