#include "query/analysis/reach.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::IpAddress;
using schema::IpClass;
using schema::Service;

void add(Reach& reach, const Service& service) {
  const IpAddress address = schema::plain_address(service.endpoint.address);
  Width& width = address.is_v6() ? reach.v6 : reach.v4;
  switch (address.ip_class()) {
    case IpClass::Any:
      width = Width::Any;
      if (address.is_v6() && !service.v6only.value_or(false)) {
        reach.v4 = Width::Any;
      }
      break;
    case IpClass::Loopback:
      width = std::max(width, Width::Loopback);
      reach.loopback.insert(address);
      break;
    default:
      width = std::max(width, Width::Specific);
      reach.specific.insert(address);
      break;
  }
}

void drop_included(Reach& reach, std::set<IpAddress>& addresses) {
  std::erase_if(addresses, [&](const IpAddress& address) {
    return (address.is_v6() ? reach.v6 : reach.v4) == Width::Any;
  });
}

// Addresses of `left` that `right` can be reached at in no way.
bool reaches_more(const Reach& left, const Reach& right) {
  const auto included = [&](const IpAddress& address) {
    return (address.is_v6() ? right.v6 : right.v4) == Width::Any ||
           right.specific.contains(address);
  };
  return left.v4 > right.v4 || left.v6 > right.v6 ||
         !std::all_of(left.specific.begin(), left.specific.end(), included);
}

bool share_address(const std::set<IpAddress>& left, const std::set<IpAddress>& right) {
  return std::any_of(
      left.begin(), left.end(), [&](const IpAddress& address) { return right.contains(address); });
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
         share_address(left.specific, right.specific) ||
         share_address(left.loopback, right.loopback);
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
  for (const auto* addresses : {&reach.specific, &reach.loopback}) {
    for (const IpAddress& address : *addresses) {
      parts.push_back(address.text());
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace sockwitness::query
