#include "query/analysis/neutral.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "schema/view/stable_name.h"

namespace sockwitness::query {
namespace {

using schema::Service;
using schema::ServiceSet;

bool is_drawn_label(std::string_view label) {
  return schema::has_drawn_id(label) || label.starts_with("netns ");
}

std::size_t drop_numbered(ServiceSet& set) {
  return std::erase_if(
      set.services, [](const Service& service) { return is_drawn_label(service.endpoint.netns); });
}

std::size_t drop_container_ids(ServiceSet& set) {
  std::size_t dropped = 0;
  for (Service& service : set.services) {
    for (schema::Owner& owner : service.owners) {
      if (owner.container != schema::stable_container(owner.container) && !owner.container_facts) {
        owner.container = schema::stable_container(owner.container);
        ++dropped;
      }
    }
  }
  return dropped;
}

// The same name has another number on another host.
void align_users(const ServiceSet& here, ServiceSet& other) {
  constexpr schema::Uid kRoot(0);
  std::map<std::string, schema::Uid> numbers;
  for (const Service& service : here.services) {
    for (const schema::Owner& owner : service.owners) {
      numbers.emplace(owner.user, owner.uid);
    }
  }
  for (Service& service : other.services) {
    service.made_by.reset();
    for (schema::Owner& owner : service.owners) {
      const auto found = numbers.find(owner.user);
      if (found != numbers.end() && found->second != kRoot && owner.uid != kRoot) {
        owner.uid = found->second;
      }
    }
  }
}

bool has_own_address(const Service& service) {
  const Reach reach = reach_of(service);
  return reach.v4 == Width::Specific || reach.v6 == Width::Specific;
}

using Role = std::tuple<std::string, schema::Protocol, schema::Family, schema::Port, OwnerKey>;

Role role_of(const Service& service) {
  const schema::Owner* owner = principal(service);
  return {service.endpoint.netns,
          service.endpoint.protocol,
          service.endpoint.family,
          service.endpoint.port,
          owner == nullptr ? OwnerKey{} : key_of(*owner)};
}

std::size_t align_addresses(const ServiceSet& here, ServiceSet& other) {
  std::multimap<Role, schema::IpAddress> own;
  for (const Service& service : here.services) {
    if (has_own_address(service)) {
      own.emplace(role_of(service), service.endpoint.address);
    }
  }
  std::size_t aligned = 0;
  for (Service& service : other.services) {
    const auto found = has_own_address(service) ? own.find(role_of(service)) : own.end();
    if (found != own.end()) {
      aligned += service.endpoint.address == found->second ? 0U : 1U;
      service.endpoint.address = found->second;
      own.erase(found);
    }
  }
  std::sort(other.services.begin(), other.services.end(), [](const auto& left, const auto& right) {
    return left.endpoint < right.endpoint;
  });
  return aligned;
}

}  // namespace

std::vector<std::string> leave_out_host_parts(ServiceSet& here, ServiceSet& other) {
  std::vector<std::string> left_out;
  align_users(here, other);
  const auto tell = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) {
      left_out.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
    }
  };
  tell(drop_numbered(here) + drop_numbered(other),
       "service in a network namespace without a lasting name",
       "services in network namespaces without lasting names");
  tell(drop_container_ids(here) + drop_container_ids(other), "container's id", "containers' ids");
  tell(align_addresses(here, other), "address of the host's own", "addresses of the hosts' own");
  return left_out;
}

}  // namespace sockwitness::query
