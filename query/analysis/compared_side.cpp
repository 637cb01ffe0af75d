#include "query/analysis/compared_side.h"

#include <algorithm>

#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

Services::const_iterator find_place(const Services& services, const schema::Endpoint& endpoint) {
  return std::lower_bound(services.begin(),
                          services.end(),
                          endpoint,
                          [](const schema::Service* service, const schema::Endpoint& wanted) {
                            return service->endpoint < wanted;
                          });
}

}  // namespace

SeenAt ComparedSide::observation_of(const schema::Service& service) const {
  if (seen_at.empty()) {
    return {&frame, frame.as_of};
  }
  const auto place = find_place(services, service.endpoint);
  return seen_at.at(static_cast<std::size_t>(place - services.begin()));
}

const schema::Service* find_service(const Services& services, const schema::Endpoint& endpoint) {
  const auto found = find_place(services, endpoint);
  return found != services.end() && (*found)->endpoint == endpoint ? *found : nullptr;
}

std::optional<schema::Endpoint> find_bound_place(const schema::Service& service,
                                                 const Services& other) {
  if (!service.device_unknown || find_service(other, service.endpoint) != nullptr) {
    return std::nullopt;
  }
  const auto known = std::find_if(other.begin(), other.end(), [&](const schema::Service* each) {
    return schema::is_at(service, each->endpoint);
  });
  return known == other.end() ? std::nullopt : std::optional((*known)->endpoint);
}

}  // namespace sockwitness::query
