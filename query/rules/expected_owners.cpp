#include "query/rules/expected_owners.h"

#include <algorithm>

#include "schema/model/socket.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"

namespace sockwitness::query {

ExpectedOwners::ExpectedOwners(const schema::SnapshotView& view, const schema::ServiceSet& baseline)
    : view_(view) {
  for (const schema::Service& service : baseline.services) {
    const schema::Endpoint& endpoint = service.endpoint;
    for (const schema::Owner& owner : service.owners) {
      owners_.emplace(Place(endpoint.netns, endpoint.protocol, endpoint.port, endpoint.name),
                      &owner);
    }
  }
}

bool ExpectedOwners::expects(const schema::Holder& holder) const {
  const schema::Socket& socket = view_.socket(holder.socket);
  const schema::Process& process = view_.process(holder.process);
  const schema::Program* program = view_.program(process);
  if (program == nullptr) {
    return false;
  }
  const bool inet = schema::is_inet(socket);
  const auto [first, last] =
      owners_.equal_range(Place(view_.netns_label(socket.netns),
                                socket.protocol,
                                inet ? socket.local_port : schema::Port(),
                                inet ? std::string_view() : std::string_view(socket.name)));
  const schema::Owner now = schema::owner_of(view_, process);
  return std::any_of(first, last, [&](const auto& entry) {
    const schema::Owner& owner = *entry.second;
    return owner.program && schema::may_be_same(owner, now) && !schema::hides_app(owner, now) &&
           (owner.program->sha256 == program->sha256 || owner.program->sha256.empty() ||
            program->sha256.empty());
  });
}

}  // namespace sockwitness::query
