#include "schema/view/replaced_ports.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "schema/view/address_pattern.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"

namespace sockwitness::schema {
namespace {

// All but the number of the port.
using PortOwner = std::tuple<std::string, IpAddress, OwnerKey>;

std::optional<PortOwner> port_owner_of(const Service& service, const ServiceSet& set) {
  const Owner* owner = principal(service);
  if (owner == nullptr || !owner->program || is_partly_unread(*owner) ||
      !has_chosen_port(service, set)) {
    return std::nullopt;
  }
  return PortOwner{service.endpoint.netns, service.endpoint.address, key_of(*owner)};
}

}  // namespace

bool has_chosen_port(const Service& service, const ServiceSet& set) {
  return service.endpoint.protocol == Protocol::Udp && service.rpc.empty() &&
         PortRange{set.ephemeral_first, set.ephemeral_last}.contains(service.endpoint.port);
}

bool may_have_replaced_ports(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(), [&](const Service& service) {
    return service.standing != Standing::Listener && port_owner_of(service, set);
  });
}

void promote_replaced_ports(ServiceSet& set, const ServiceSet& before) {
  std::map<PortOwner, std::size_t> lost;
  for (const Service& service : before.services) {
    const auto port_owner = port_owner_of(service, set);
    if (port_owner && service.standing == Standing::Listener &&
        find_service(set, service.endpoint) == nullptr) {
      ++lost[*port_owner];
    }
  }
  for (Service& service : set.services) {
    if (service.standing == Standing::Listener ||
        find_service(before, service.endpoint) != nullptr) {
      continue;
    }
    const auto port_owner = port_owner_of(service, set);
    const auto found = port_owner ? lost.find(*port_owner) : lost.end();
    if (found != lost.end() && found->second > 0) {
      service.standing = Standing::Listener;
      --found->second;
    }
  }
}

}  // namespace sockwitness::schema
