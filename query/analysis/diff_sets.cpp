// Two whole sets are compared after what one of them does not say is completed from the other.
#include <algorithm>
#include <utility>

#include "query/analysis/diff.h"
#include "query/analysis/renames.h"
#include "schema/view/services.h"

namespace sockwitness::query {

using schema::Service;
using schema::ServiceSet;

namespace {

bool may_lack_v6only(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(), [](const Service& service) {
    return service.endpoint.family == schema::Family::Ipv6 && !service.v6only;
  });
}

// What one side lacks is taken from the other.
void complete_v6only(ServiceSet& set, const ServiceSet& other) {
  for (Service& service : set.services) {
    const Service* known = service.v6only ? nullptr : schema::find_service(other, service.endpoint);
    if (known != nullptr) {
      service.v6only = known->v6only;
    }
  }
}

bool may_lack_devices(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(), [](const Service& service) {
    return service.device_unknown;
  });
}

// What one side lacks is taken from the other.
void complete_devices(ServiceSet& set, const ServiceSet& other) {
  const Services others = services_of(other);
  for (Service& service : set.services) {
    if (auto place = find_bound_place(service, others)) {
      service.endpoint = std::move(*place);
    }
  }
  std::sort(
      set.services.begin(), set.services.end(), [](const Service& left, const Service& right) {
        return left.endpoint < right.endpoint;
      });
}

Diff compare_sets(const ServiceSet& before, const ServiceSet& after) {
  return compare_sides({before, services_of(before)}, {after, services_of(after)});
}

Diff compare_labelled(const ServiceSet& before, const ServiceSet& after) {
  const bool lacks_devices = may_lack_devices(before) || may_lack_devices(after);
  if (!lacks_devices && !may_lack_v6only(before) && !may_lack_v6only(after)) {
    return compare_sets(before, after);
  }
  ServiceSet then = before;
  ServiceSet now = after;
  if (lacks_devices) {
    complete_devices(then, after);
    complete_devices(now, before);
  }
  complete_v6only(then, after);
  complete_v6only(now, before);
  return compare_sets(then, now);
}

}  // namespace

Diff compare_services(const ServiceSet& before, const ServiceSet& after) {
  const auto labels =
      find_renamed_namespaces(before, services_of(before), after, services_of(after));
  if (labels.empty()) {
    return compare_labelled(before, after);
  }
  Diff diff = compare_labelled(with_labels(before, labels), after);
  for (const auto& [old, now] : labels) {
    const auto shown = std::find_if(
        after.services.begin(), after.services.end(), [&label = now](const Service& service) {
          return service.endpoint.netns == label;
        });
    diff.changes.push_back(renamed_namespace(*shown, old));
  }
  sort_changes(diff.changes);
  return diff;
}

}  // namespace sockwitness::query
