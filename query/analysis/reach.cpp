#include "query/analysis/reach.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/view/forwards.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::IpAddress;
using schema::IpClass;
using schema::Service;

bool is_loopback(const IpAddress& address, const std::string& device) {
  return device == "lo" || (device.empty() && address.ip_class() == IpClass::Loopback);
}

void add(Reach& reach, const Service& service) {
  const IpAddress address = schema::plain_address(service.endpoint.address);
  const std::string& device = service.endpoint.device;
  Width& width = address.is_v6() ? reach.v6 : reach.v4;
  if (is_loopback(address, device) || schema::is_for_this_host(service.endpoint)) {
    width = std::max(width, Width::Loopback);
    reach.loopback.insert({address, device});
  } else if (address.ip_class() == IpClass::Any && device.empty()) {
    width = Width::Any;
    if (address.is_v6() && !service.v6only.value_or(false)) {
      reach.v4 = Width::Any;
    }
  } else {
    width = std::max(width, Width::Specific);
    reach.specific.insert({address, device});
  }
}

void drop_included(Reach& reach, std::set<Spot>& spots) {
  std::erase_if(spots, [&](const Spot& spot) {
    return (spot.address.is_v6() ? reach.v6 : reach.v4) == Width::Any;
  });
}

// The same place, or it at every interface, or every address at its interface.
bool includes(const std::set<Spot>& spots, const Spot& spot) {
  return std::any_of(spots.begin(), spots.end(), [&](const Spot& each) {
    const bool address =
        each.address == spot.address ||
        (each.address.ip_class() == IpClass::Any && each.address.is_v6() == spot.address.is_v6());
    return address &&
           (each.device == spot.device || (each.device.empty() && each.address == spot.address));
  });
}

// Spots of `left` at which `right` can be reached in no way.
bool reaches_more(const Reach& left, const Reach& right) {
  const auto included = [&](const Spot& spot) {
    return (spot.address.is_v6() ? right.v6 : right.v4) == Width::Any ||
           includes(right.specific, spot);
  };
  return left.v4 > right.v4 || left.v6 > right.v6 ||
         !std::all_of(left.specific.begin(), left.specific.end(), included);
}

bool share_spot(const std::set<Spot>& left, const std::set<Spot>& right) {
  return std::any_of(
      left.begin(), left.end(), [&](const Spot& spot) { return right.contains(spot); });
}

}  // namespace

Reach reach_of(std::span<const Service* const> services) {
  Reach reach;
  for (const Service* service : services) {
    add(reach, *service);
  }
  drop_included(reach, reach.specific);
  drop_included(reach, reach.loopback);
  return reach;
}

Reach reach_of(const Service& service) {
  const Service* const one[] = {&service};
  return reach_of(one);
}

ReachChange compare_reach(const Reach& before, const Reach& after) {
  if (before == after) {
    return ReachChange::Equal;
  }
  const bool more = reaches_more(after, before);
  const bool less = reaches_more(before, after);
  const bool same_width = before.v4 == after.v4 && before.v6 == after.v6;
  if (same_width && (more == less)) {
    return ReachChange::Elsewhere;
  }
  if (more) {
    return ReachChange::Widened;
  }
  return less ? ReachChange::Narrowed : ReachChange::Elsewhere;
}

bool overlap(const Reach& left, const Reach& right) {
  const auto family = [](Width one, Width other) {
    return (one == Width::Any && other != Width::None) ||
           (other == Width::Any && one != Width::None);
  };
  return family(left.v4, right.v4) || family(left.v6, right.v6) ||
         share_spot(left.specific, right.specific) || share_spot(left.loopback, right.loopback);
}

std::string reach_words(const Reach& reach) {
  std::vector<std::string> parts;
  if (reach.v4 == Width::Any && reach.v6 == Width::Any) {
    parts.emplace_back("any address");
  } else if (reach.v4 == Width::Any) {
    parts.emplace_back("any IPv4 address");
  } else if (reach.v6 == Width::Any) {
    parts.emplace_back("any IPv6 address");
  }
  for (const auto* spots : {&reach.specific, &reach.loopback}) {
    for (const Spot& spot : *spots) {
      parts.push_back(spot.device.empty() ? spot.address.text()
                                          : spot.address.text() + "%" + spot.device);
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace sockwitness::query
