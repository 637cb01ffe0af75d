#include "query/rules/served_finder.h"

#include <algorithm>

#include "query/rules/holdings.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Holder;
using schema::Process;
using schema::ProcessIndex;
using schema::Socket;

bool is_instance(const Process& process) {
  return process.unit.find('@') != std::string::npos && process.unit.ends_with(".service");
}

}  // namespace

ServedFinder::ServedFinder(const HostView& host, const HostFacts& facts)
    : host_(host), facts_(facts) {
  const schema::SnapshotView& view = host.view();
  for (const Holder& holder : view.snapshot().holders) {
    const Socket& socket = view.socket(holder.socket);
    if (schema::is_inet(socket) && offers_service(socket)) {
      listeners_[{socket.netns, socket.protocol, socket.local_port}].push_back(holder.process);
    }
  }
}

std::optional<bool> ServedFinder::is_served(const Holder& holder) const {
  const auto& parent = facts_.process(holder.process).parent;
  if (!parent) {
    return has_hidden_parent(host_.view(), facts_, holder.process) ? std::nullopt
                                                                   : std::optional(false);
  }
  const schema::SnapshotView& view = host_.view();
  const Socket& socket = view.socket(holder.socket);
  const auto direction = host_.direction(holder.socket);
  if (!direction || direction->way != schema::Way::Inbound) {
    return false;
  }
  const Process& process = view.process(holder.process);
  const bool of_the_manager = view.process(*parent).pid == schema::Pid(1) && is_instance(process);
  return of_the_manager
             ? std::optional(true)
             : is_super_server(*parent, {socket.netns, socket.protocol, socket.local_port});
}

std::optional<bool> ServedFinder::is_super_server(ProcessIndex process, const Place& place) const {
  const KnownProcess& facts = facts_.process(process);
  if (facts.genuine == false || facts.kind) {
    return false;
  }
  const auto found = listeners_.find(place);
  const bool listens =
      found != listeners_.end() &&
      std::find(found->second.begin(), found->second.end(), process) != found->second.end();
  const Process& parent = host_.view().process(process);
  const bool unread = parent.unread.contains(schema::Part::Descriptors) ||
                      !sees_all_sockets(host_.view().snapshot());
  if (listens) {
    return facts.genuine;
  }
  return unread ? std::nullopt : std::optional(false);
}

}  // namespace sockwitness::query
