#include "query/rules/expected_owners.h"

#include <algorithm>

#include "query/rules/stage_parts.h"
#include "schema/model/socket.h"

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
  return std::any_of(first, last, [&](const auto& entry) {
    const schema::Owner& owner = *entry.second;
    const bool scripts_known = !owner.unread.contains(schema::Part::Script) &&
                               !process.unread.contains(schema::Part::Script);
    const bool users_known =
        !owner.unread.contains(schema::Part::Ids) && !process.unread.contains(schema::Part::Ids);
    return owner.program && owner.program->path == program->path &&
           (owner.program->sha256 == program->sha256 || owner.program->sha256.empty() ||
            program->sha256.empty()) &&
           (!scripts_known || owner.script == process.script) &&
           (!users_known || owner.uid == process.effective_uid);
  });
}

}  // namespace sockwitness::query
