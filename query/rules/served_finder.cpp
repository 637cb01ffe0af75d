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

// From the listener to what it started: a child that accepted, and what that started.
constexpr int kGenerations = 3;

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
  if (!came_in(holder)) {
    return false;
  }
  const schema::SnapshotView& view = host_.view();
  if (view.process(*parent).pid == schema::Pid(1) && is_instance(view.process(holder.process))) {
    return true;
  }
  const auto server = find_listener(holder);
  if (server) {
    return may_serve(*server);
  }
  const bool unread = view.process(*parent).unread.contains(schema::Part::Descriptors) ||
                      !sees_all_sockets(view.snapshot());
  return unread && may_serve(*parent) != false ? std::nullopt : std::optional(false);
}

bool ServedFinder::is_handed(const Holder& holder) const {
  const auto server = came_in(holder) ? find_listener(holder) : std::nullopt;
  const auto kind = server ? facts_.process(*server).kind : std::nullopt;
  return server && ((kind && kind->kind == Kind::Interpreter) || may_serve(*server) != false);
}

bool ServedFinder::came_in(const Holder& holder) const {
  const auto direction = host_.direction(holder.socket);
  return direction && direction->way == schema::Way::Inbound;
}

// The parent; or, where a child of the listener accepted, whose parent that is.
std::optional<ProcessIndex> ServedFinder::find_listener(const Holder& holder) const {
  const Socket& socket = host_.view().socket(holder.socket);
  const auto found = listeners_.find({socket.netns, socket.protocol, socket.local_port});
  if (found == listeners_.end()) {
    return std::nullopt;
  }
  const auto holders = host_.view().holders(holder.socket);
  auto at = facts_.process(holder.process).parent;
  for (int step = 0; at && step < kGenerations; ++step) {
    if (std::find(found->second.begin(), found->second.end(), *at) != found->second.end()) {
      return at;
    }
    const bool holds = std::any_of(
        holders.begin(), holders.end(), [&](const Holder& other) { return other.process == *at; });
    at = holds ? facts_.process(*at).parent : std::nullopt;
  }
  return std::nullopt;
}

std::optional<bool> ServedFinder::may_serve(ProcessIndex process) const {
  const KnownProcess& facts = facts_.process(process);
  if (facts.kind) {
    return facts.kind->kind == Kind::Interpreter ? facts.vouched : std::optional(false);
  }
  return facts.genuine;
}

}  // namespace sockwitness::query
