#include "schema/view/replaced_ports.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "schema/view/address_pattern.h"
#include "schema/view/blind_spot.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"

namespace sockwitness::schema {
namespace {

// All but the number of the port.
using PortOwner = std::tuple<std::string, IpAddress, OwnerKey>;

bool has_known_owner(const Service& service) {
  const Owner* owner = principal(service);
  return owner != nullptr && owner->program && !is_partly_unread(*owner);
}

std::optional<PortOwner> port_owner_of(const Service& service, const ServiceSet& set) {
  if (!has_known_owner(service) || !has_chosen_port(service, set)) {
    return std::nullopt;
  }
  return PortOwner{service.endpoint.netns, service.endpoint.address, key_of(*principal(service))};
}

// A gap without a namespace that is in both snapshots hid nothing that is visible now.
bool stays_hidden(const Gap& gap, const ServiceSet& set) {
  const bool nowhere =
      (gap.source == GapSource::Namespace || gap.source == GapSource::ProcessList) && !gap.netns;
  return nowhere && std::any_of(set.gaps.begin(), set.gaps.end(), [&](const Gap& other) {
           return !other.netns && other.source == gap.source && other.reason == gap.reason &&
                  other.object == gap.object && other.count >= gap.count;
         });
}

// Whether a gap of the snapshot before may have hidden it.
bool was_hidden(const Service& service, const ServiceSet& set, const ServiceSet& before) {
  return std::any_of(before.gaps.begin(), before.gaps.end(), [&](const Gap& gap) {
    return hides(before.namespaces, gap, service.endpoint) && !stays_hidden(gap, set);
  });
}

// The same owner at the same endpoint: it was restarted.
bool keeps_its_owner(const Service& service, const Service& before) {
  return before.standing == Standing::Listener && has_known_owner(service) &&
         has_known_owner(before) && key_of(*principal(service)) == key_of(*principal(before));
}

}  // namespace

bool has_chosen_port(const Service& service, const ServiceSet& set) {
  return service.endpoint.protocol == Protocol::Udp && service.rpc.empty() &&
         PortRange{set.ephemeral_first, set.ephemeral_last}.contains(service.endpoint.port);
}

bool may_have_replaced_ports(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(), [&](const Service& service) {
    return service.standing != Standing::Listener;
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
    if (service.standing == Standing::Listener) {
      continue;
    }
    if (const Service* old = find_service(before, service.endpoint)) {
      service.standing = keeps_its_owner(service, *old) ? Standing::Listener : service.standing;
      continue;
    }
    if (was_hidden(service, set, before)) {
      service.standing = Standing::Unknown;
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
