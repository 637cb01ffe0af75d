#include "query/analysis/policy.h"

#include <algorithm>

#include "query/analysis/none_or_any.h"
#include "query/analysis/owners.h"
#include "query/analysis/patterns.h"
#include "schema/view/relay.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::Service;

constexpr std::string_view kKernel = "kernel";

// What an entry says of owners must be true of all of them: another owner that holds an approved
// socket was not approved with it.
template <class Test>
bool fits_owners(const std::vector<std::string>& wanted, const Service& service, Test test) {
  if (wanted.empty()) {
    return true;
  }
  const auto owners = counted_owners(service);
  return !owners.empty() && std::all_of(owners.begin(), owners.end(), [&](const Owner* owner) {
    return std::any_of(
        wanted.begin(), wanted.end(), [&](const std::string& word) { return test(word, *owner); });
  });
}

// No owner could be read that differs from the entry.
bool is_open(const Service& service, schema::Part part) {
  return owners_unseen(service) ||
         std::any_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
           return owner.unread.contains(part);
         });
}

bool fits_programs(const PolicyEntry& entry, const Service& service) {
  if (service.owners.empty() && service.no_holder == schema::NoHolderReason::Kernel) {
    return none_or_any(entry.programs, [](const std::string& word) { return word == kKernel; });
  }
  return fits_owners(entry.programs, service, [](const std::string& word, const Owner& owner) {
    return matches_path(word, owner.path());
  });
}

// Workers may run as others than the program that approved them; its own user is what counts.
bool fits_user(const PolicyEntry& entry, const Service& service) {
  const Owner* owner = principal(service);
  return entry.users.empty() ||
         (owner != nullptr && none_or_any(entry.users, [&](const std::string& word) {
            return word == owner->user || word == std::to_string(owner->uid.value());
          }));
}

bool fits_address(const PolicyEntry& entry, const Endpoint& endpoint) {
  const bool inet =
      endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
  return !inet || none_or_any(entry.addresses, [&](const AddressScope& scope) {
    const auto address = schema::plain_address(endpoint.address);
    switch (scope.kind) {
      case AddressScope::Kind::Any:
        return true;
      case AddressScope::Kind::Loopback:
        return address.ip_class() == schema::IpClass::Loopback;
      case AddressScope::Kind::Prefix:
        break;
    }
    return address.ip_class() != schema::IpClass::Any && scope.prefix.contains(address);
  });
}

bool fits_place(const PolicyEntry& entry, const Service& service) {
  const Endpoint& endpoint = service.endpoint;
  const bool has_name =
      endpoint.family == schema::Family::Unix || endpoint.family == schema::Family::Vsock;
  const std::string shown =
      endpoint.name.starts_with('\0') ? "@" + endpoint.name.substr(1) : endpoint.name;
  // An entry that speaks of ports or RPC programs does not mean unix and vsock sockets, and the
  // other way round.
  if (has_name ? entry.paths.empty() : !entry.paths.empty()) {
    return false;
  }
  return none_or_any(entry.protocols,
                     [&](schema::Protocol protocol) { return protocol == endpoint.protocol; }) &&
         none_or_any(
             entry.ports,
             [&](const schema::PortRange& range) { return range.contains(endpoint.port); }) &&
         none_or_any(entry.rpc_programs,
                     [&](std::uint32_t program) {
                       return std::binary_search(service.rpc.begin(), service.rpc.end(), program);
                     }) &&
         none_or_any(entry.paths,
                     [&](const std::string& word) { return matches_name(word, shown); }) &&
         none_or_any(entry.namespaces,
                     [&](const std::string& word) { return matches_name(word, endpoint.netns); }) &&
         none_or_any(entry.devices,
                     [&](const std::string& word) { return matches_name(word, endpoint.device); });
}

// "172.17.0.2:80 in container web", also without the end of it.
bool is_target(const std::vector<std::string>& wanted, std::string_view target) {
  return !target.empty() && std::any_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    return matches_name(word, target) || matches_name(word, target.substr(0, target.find(" in ")));
  });
}

bool fits_target(const PolicyEntry& entry, const Service& service) {
  if (entry.targets.empty()) {
    return true;
  }
  if (!service.leads_to.empty()) {
    return is_target(entry.targets, service.leads_to);
  }
  const auto owners = counted_owners(service);
  return !owners.empty() && std::all_of(owners.begin(), owners.end(), [&](const Owner* owner) {
    return is_target(entry.targets, schema::leads_to(*owner, service.endpoint.port));
  });
}

}  // namespace

std::vector<const Owner*> counted_owners(const Service& service) {
  std::vector<const Owner*> owners;
  for (const bool manager : {false, true}) {
    for (const Owner& owner : service.owners) {
      if (owner.manager == manager) {
        owners.push_back(&owner);
      }
    }
    if (!owners.empty()) {
      break;
    }
  }
  return owners;
}

bool fits(const PolicyEntry& entry, const Service& service) {
  return fits_place(entry, service) && fits_address(entry, service.endpoint) &&
         fits_target(entry, service) && fits_programs(entry, service) &&
         fits_user(entry, service) &&
         fits_owners(entry.scripts,
                     service,
                     [](const std::string& word, const Owner& owner) {
                       return matches_path(word, owner.script);
                     }) &&
         fits_owners(entry.units,
                     service,
                     [](const std::string& word, const Owner& owner) {
                       return matches_unit(word, owner.unit);
                     }) &&
         fits_owners(entry.containers, service, [](const std::string& word, const Owner& owner) {
           return matches_container(word, owner.container, owner.container_facts);
         });
}

bool is_nameless(const Service& service, const schema::ServiceSet& set) {
  const Owner* owner = principal(service);
  return owner != nullptr && owner->user == std::to_string(owner->uid.value()) &&
         std::any_of(set.gaps.begin(), set.gaps.end(), [](const schema::Gap& gap) {
           return gap.source == schema::GapSource::ProcessField && !gap.pid &&
                  gap.object == schema::GapPart::UserNames;
         });
}

bool may_fit(const PolicyEntry& entry, const Service& service, const schema::ServiceSet& set) {
  PolicyEntry open = entry;
  if (owners_unseen(service)) {
    open.programs.clear();
    open.targets.clear();
  }
  if (is_open(service, schema::Part::Ids) || is_nameless(service, set)) {
    open.users.clear();
  }
  if (is_open(service, schema::Part::Script)) {
    open.scripts.clear();
  }
  if (is_open(service, schema::Part::ControlGroup)) {
    open.units.clear();
    open.containers.clear();
  }
  return fits(open, service);
}

schema::WallTime begin_of_day(std::chrono::year_month_day day) {
  const auto begin = std::chrono::sys_days(day).time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(begin).count()};
}

schema::WallTime end_of_day(std::chrono::year_month_day day) {
  return {begin_of_day(std::chrono::sys_days(day) + std::chrono::days(1)).microseconds - 1};
}

}  // namespace sockwitness::query
