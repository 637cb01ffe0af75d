#include "schema/view/heirs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "schema/view/address_pattern.h"
#include "schema/view/owner_key.h"

namespace sockwitness::schema {
namespace {

// All but the number of the port.
using Estate = std::tuple<std::string, IpAddress, OwnerKey>;

std::optional<Estate> estate_of(const Service& service, const ServiceSet& set) {
  const Owner* owner = principal(service);
  if (owner == nullptr || !owner->program || !has_chosen_port(service, set)) {
    return std::nullopt;
  }
  return Estate{service.endpoint.netns, service.endpoint.address, key_of(*owner)};
}

const Service* find_place(const ServiceSet& set, const Endpoint& endpoint) {
  const auto found = std::lower_bound(
      set.services.begin(),
      set.services.end(),
      endpoint,
      [](const Service& service, const Endpoint& key) { return service.endpoint < key; });
  return found != set.services.end() && found->endpoint == endpoint ? &*found : nullptr;
}

}  // namespace

bool has_chosen_port(const Service& service, const ServiceSet& set) {
  return service.endpoint.protocol == Protocol::Udp && service.rpc.empty() &&
         PortRange{set.ephemeral_first, set.ephemeral_last}.contains(service.endpoint.port);
}

bool may_have_heirs(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(), [&](const Service& service) {
    return service.standing != Standing::Listener && estate_of(service, set);
  });
}

void promote_heirs(ServiceSet& set, const ServiceSet& before) {
  std::map<Estate, std::size_t> lost;
  for (const Service& service : before.services) {
    const auto estate = estate_of(service, set);
    if (estate && service.standing == Standing::Listener &&
        find_place(set, service.endpoint) == nullptr) {
      ++lost[*estate];
    }
  }
  for (Service& service : set.services) {
    if (service.standing == Standing::Listener || find_place(before, service.endpoint) != nullptr) {
      continue;
    }
    const auto estate = estate_of(service, set);
    const auto found = estate ? lost.find(*estate) : lost.end();
    if (found != lost.end() && found->second > 0) {
      service.standing = Standing::Listener;
      --found->second;
    }
  }
}

}  // namespace sockwitness::schema
