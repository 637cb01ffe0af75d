#include "query/analysis/coverage.h"

#include <algorithm>

#include "query/analysis/owners.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Gap;
using schema::GapSource;
using schema::ServiceSet;

std::string_view label_of(const ServiceSet& set, schema::NetnsIndex netns) {
  return set.namespaces.at(netns.value()).label;
}

bool knows_namespace(const ServiceSet& set, const std::string& label) {
  return std::any_of(set.namespaces.begin(), set.namespaces.end(), [&](const auto& netns) {
    return netns.label == label;
  });
}

// A gap without a namespace stands for one that could not even be named: it may be any that is
// missing.
bool covers_namespace(const ServiceSet& set, const Gap& gap, const std::string& label) {
  return gap.netns ? label_of(set, *gap.netns) == label : !knows_namespace(set, label);
}

bool covers(const ServiceSet& set, const Gap& gap, const Endpoint& endpoint) {
  switch (gap.source) {
    case GapSource::Namespace:
      return covers_namespace(set, gap, endpoint.netns);
    case GapSource::ProcessList:
      // Processes of others that cannot be seen may live in namespaces that nobody else names. A
      // recorder that is at home in a container has its own world, and misses nothing in it.
      return gap.reason != schema::GapReason::NotSupported &&
             covers_namespace(set, gap, endpoint.netns);
    case GapSource::SocketTable: {
      // A kernel that has no such table has no such sockets.
      if (gap.reason == schema::GapReason::NotSupported) {
        return false;
      }
      const bool same_table = gap.object == schema::protocol_name(endpoint.protocol);
      return same_table && (!gap.netns || label_of(set, *gap.netns) == endpoint.netns);
    }
    default:
      return false;
  }
}

bool hides_holders(const Gap& gap) {
  switch (gap.source) {
    case GapSource::ProcessList:
    case GapSource::Process:
      return true;
    case GapSource::Descriptors:
      // Of the last kind: sockets that no table lists. Who holds the others is known.
      return gap.object != "socket";
    case GapSource::ProcessField:
      return gap.object == "descriptors" || gap.object == "program";
    default:
      return false;
  }
}

// Somewhere in namespaces that nobody could name.
bool names_no_place(const Gap& gap) {
  return (gap.source == GapSource::Namespace || gap.source == GapSource::ProcessList) && !gap.netns;
}

// The same blind spot. If `fewer` may be in it now than then: processes come and go.
bool stands_in(const ServiceSet& set, const Gap& gap, bool fewer) {
  return std::any_of(set.gaps.begin(), set.gaps.end(), [&](const Gap& other) {
    return names_no_place(other) && other.source == gap.source && other.reason == gap.reason &&
           other.object == gap.object && (fewer || other.count >= gap.count);
  });
}

template <class Counts>
std::optional<std::size_t> find_gap(const ServiceSet& set, Counts counts) {
  const auto found = std::find_if(set.gaps.begin(), set.gaps.end(), counts);
  if (found == set.gaps.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - set.gaps.begin());
}

std::optional<std::size_t> find_gap_before(const ServiceSet& earlier,
                                           const ServiceSet& later,
                                           const Endpoint& endpoint,
                                           bool fewer) {
  return find_gap(earlier, [&](const Gap& gap) {
    return covers(earlier, gap, endpoint) && !(names_no_place(gap) && stands_in(later, gap, fewer));
  });
}

}  // namespace

std::optional<std::size_t> find_covering_gap(const ServiceSet& set, const Endpoint& endpoint) {
  return find_gap(set, [&](const Gap& gap) { return covers(set, gap, endpoint); });
}

std::optional<std::size_t> find_gap_before(const ServiceSet& earlier,
                                           const ServiceSet& later,
                                           const Endpoint& endpoint) {
  return find_gap_before(earlier, later, endpoint, false);
}

std::optional<std::size_t> find_gap_before(const ServiceSet& earlier,
                                           const ServiceSet& later,
                                           const schema::Service& service) {
  return find_gap_before(earlier, later, service.endpoint, owners_younger(service, earlier.as_of));
}

std::optional<std::size_t> find_owner_gap(const ServiceSet& set, std::optional<schema::Pid> pid) {
  return find_gap(set, [&](const Gap& gap) {
    // Processes do not come from outside into the pid namespace that a recorder is at home in.
    const bool elsewhere =
        gap.source == GapSource::ProcessList && gap.reason == schema::GapReason::NotSupported;
    return hides_holders(gap) && (!pid || ((!gap.pid || gap.pid == pid) && !elsewhere));
  });
}

}  // namespace sockwitness::query
