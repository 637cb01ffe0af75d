#include "query/analysis/weight.h"

#include <algorithm>
#include <array>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "query/analysis/service_traits.h"
#include "schema/view/forwards.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;

// A unix socket of a login session: it comes and goes with it.
bool is_of_a_session(const Service& service) {
  constexpr std::array<std::string_view, 3> kPassing{"/tmp/ssh-", "/tmp/.X11-unix/", "/run/user/"};
  const auto begins_with = [&](std::string_view prefix) {
    return std::string_view(service.endpoint.name).starts_with(prefix);
  };
  const Owner* owner = principal(service);
  return is_unix(service) && (std::any_of(kPassing.begin(), kPassing.end(), begins_with) ||
                              (owner != nullptr && stable_unit(owner->unit) == "session.scope"));
}

bool share_program(const Service& left, const Service& right) {
  return std::any_of(left.owners.begin(), left.owners.end(), [&](const Owner& owner) {
    return std::any_of(right.owners.begin(), right.owners.end(), [&](const Owner& other) {
      return owner.program && schema::may_be_same_app(owner, other);
    });
  });
}

// Of the same kind of place: a program that only has a unix socket does not listen on loopback.
bool program_listens(const Service& service, const Services& all) {
  return std::any_of(all.begin(), all.end(), [&](const Service* known) {
    return is_unix(*known) == is_unix(service) && known->endpoint.netns == service.endpoint.netns &&
           share_program(service, *known);
  });
}

bool owner_has_chosen_port(const Service& service,
                           const Services& all,
                           const ServiceSet& ports,
                           Standing least) {
  const Owner* owner = principal(service);
  if (owner == nullptr || !owner->program || !has_chosen_port(service, ports)) {
    return false;
  }
  return std::any_of(all.begin(), all.end(), [&](const Service* known) {
    const Owner* other = principal(*known);
    return has_chosen_port(*known, ports) && known->standing <= least && other != nullptr &&
           known->endpoint.netns == service.endpoint.netns && schema::may_be_same(*other, *owner) &&
           compare_reach(reach_of(*known), reach_of(service)) != ReachChange::Widened;
  });
}

// The child of a server that is still there: a login's end takes the ports of the login with it.
// Of one that was just ending only its name could be read.
bool is_child_of(const Owner& owner, const Owner& server) {
  return server.pid == owner.parent &&
         (owner.program ? schema::may_be_same_app(server, owner) : server.name == owner.name);
}

bool parent_serves(const Service& service, const Services& after) {
  const Owner* owner = principal(service);
  if (owner == nullptr || !owner->parent) {
    return false;
  }
  return std::any_of(after.begin(), after.end(), [&](const Service* known) {
    return std::any_of(known->owners.begin(), known->owners.end(), [&](const Owner& server) {
      return is_child_of(*owner, server);
    });
  });
}

// It was in the tables, and had gone when its holder was searched for.
bool was_closing(const Service& service) {
  return service.owners.empty() && service.no_holder == schema::NoHolderReason::Exited;
}

// Reachable from this host only: the resolver of a container's own network is such a port.
bool is_own_affair(const Service& service) {
  return is_local(service) || schema::is_for_this_host(service.endpoint);
}

// All its owners run what a package brought, unaltered.
bool is_packaged(const Service& service) {
  return !service.owners.empty() &&
         std::all_of(service.owners.begin(), service.owners.end(), [](const Owner& owner) {
           return owner.program && owner.script.empty() &&
                  owner.program->verdict == schema::PackageVerdict::Matches;
         });
}

constexpr std::string_view kOfSession = "for programs of this host, and made for one session";
constexpr std::string_view kHasOthers = "a port that the kernel chose, and its owner has others";

}  // namespace

bool is_local(const Service& service) {
  const Endpoint& endpoint = service.endpoint;
  const bool inet =
      endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
  const bool loopback =
      schema::plain_address(endpoint.address).ip_class() == schema::IpClass::Loopback;
  return is_unix(service) ||
         (inet && (endpoint.device == "lo" || (loopback && endpoint.device.empty())));
}

std::optional<std::string_view> excuse_for_new(const Service& service,
                                               const Services& before,
                                               const ServiceSet& ports) {
  if (was_closing(service)) {
    return "it was closed while the snapshot was taken";
  }
  if (is_of_a_session(service)) {
    return kOfSession;
  }
  if (is_local(service) && program_listens(service, before)) {
    return is_unix(service) ? "for programs of this host, and its program had others"
                            : "reachable from this host only, and its program listened before";
  }
  // What was there for one instant does not speak for what stays.
  if (owner_has_chosen_port(service, before, ports, Standing::Unknown)) {
    return kHasOthers;
  }
  return std::nullopt;
}

std::optional<std::string_view> excuse_for_gone(const Service& service,
                                                const Services& after,
                                                const ServiceSet& ports) {
  if (was_closing(service)) {
    return "it was being closed when the earlier snapshot was taken";
  }
  if (is_of_a_session(service)) {
    return kOfSession;
  }
  if (is_local(service) && parent_serves(service, after)) {
    return "reachable from this host only, and the server that its owner belonged to is there";
  }
  if (owner_has_chosen_port(service, after, ports, Standing::Client)) {
    return kHasOthers;
  }
  return std::nullopt;
}

Severity severity_of_new(const Service& service) {
  const bool tool = takes_packets(service) && is_packaged(service);
  const bool own = is_forward(service.endpoint) && is_own_affair(service);
  return is_unix(service) || tool || own ? Severity::Low : Severity::High;
}

// A tool that takes packets runs for a moment.
Severity severity_of_gone(const Service& service) {
  const bool own = is_forward(service.endpoint) && is_own_affair(service);
  return is_unix(service) || takes_packets(service) || own ? Severity::Low : Severity::Medium;
}

}  // namespace sockwitness::query
