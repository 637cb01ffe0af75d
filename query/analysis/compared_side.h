// One side of a comparison of services.
//
// In:    a set of services, or the last known state of each endpoint.
// Out:   services with the observation that shows each of them.
// Never: a copy of a service: what it refers to must outlive it.
#pragma once

#include <optional>
#include <vector>

#include "query/analysis/owners.h"
#include "schema/model/service.h"

namespace sockwitness::query {

using Services = std::vector<const schema::Service*>;

// The services of a set, in its order.
[[nodiscard]] inline Services services_of(const schema::ServiceSet& set) {
  Services services;
  services.reserve(set.services.size());
  for (const schema::Service& service : set.services) {
    services.push_back(&service);
  }
  return services;
}

// An observation: what it could see, and when it was taken.
struct SeenAt {
  const schema::Visibility* visibility = nullptr;
  schema::WallTime as_of;
  // Its owners compared with those that are at the place now; null: not known.
  const OwnerComparison* owners = nullptr;
};

struct ComparedSide {
  // Its visibility, time and ports; its services do not count.
  const schema::ServiceSet& frame;
  Services services;  // by endpoint, ascending, each once
  // Parallel to the services: the observation that shows each. Empty: that of `frame`.
  std::vector<SeenAt> seen_at = {};

  // Precondition: one of the services.
  [[nodiscard]] SeenAt observation_of(const schema::Service& service) const;
};

// Null when there is none at this endpoint. `services` ascending.
[[nodiscard]] const schema::Service* find_service(const Services& services,
                                                  const schema::Endpoint& endpoint);

// Of services that one side does not tell an interface of: the endpoint as the other one tells it.
[[nodiscard]] std::optional<schema::Endpoint> find_bound_place(const schema::Service& service,
                                                               const Services& other);

}  // namespace sockwitness::query
