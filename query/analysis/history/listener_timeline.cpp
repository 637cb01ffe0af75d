#include "query/analysis/history/listener_timeline.h"

#include <algorithm>
#include <functional>
#include <string>

#include "schema/model/snapshot.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
#include "schema/view/relay.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::Service;

// A port that the kernel gave to a client, in one snapshot only.
bool is_passing(const schema::SnapshotView& view, const schema::Socket& socket, bool brief) {
  const auto& context = view.snapshot().context;
  const bool datagram =
      socket.protocol == schema::Protocol::Udp || socket.protocol == schema::Protocol::UdpLite;
  return brief && datagram && socket.local_port >= context.ephemeral_first &&
         socket.local_port <= context.ephemeral_last;
}

// It is known to which interface, if to any.
bool is_bound(const schema::Socket& socket) {
  return socket.interface.value() == 0 || !socket.interface_name.empty();
}

Service build_service(const schema::SnapshotView& view,
                      const Endpoint& endpoint,
                      const std::vector<schema::SocketIndex>& sockets) {
  Service service;
  service.endpoint = endpoint;
  service.sockets = sockets;
  service.owners =
      schema::owners_of(view, sockets, [&](schema::Owner& owner, const schema::Process&) {
        owner.forwards_to = schema::leads_to(owner, endpoint.port);
      });
  if (service.owners.empty()) {
    service.no_holder = view.socket(sockets.front()).no_holder;
  }
  service.made_by = schema::maker_of(view, sockets);
  service.leads_to = schema::leads_of(view, sockets);
  for (const schema::SocketIndex index : sockets) {
    const schema::Socket& socket = view.socket(index);
    if (socket.v6only) {
      service.v6only = service.v6only.value_or(true) && *socket.v6only;
    }
    service.device_unknown = service.device_unknown || !is_bound(socket);
  }
  return service;
}

// Of what stays at its place. A process that inherited the descriptors and a program at another
// path are the same owner's.
std::optional<EventKind> kind_of(const Change& change) {
  if (change.kind == ChangeKind::OwnerChanged && change.severity == Severity::High) {
    return EventKind::OwnerChanged;
  }
  return change.kind == ChangeKind::ForwardingChanged ? std::optional(EventKind::ForwardingChanged)
                                                      : std::nullopt;
}

bool waits(const schema::Socket& socket) {
  return schema::waits_for_peers(socket) ||
         (socket.state == schema::SocketState::Unconnected && !socket.name.empty());
}

template <class Member>
bool contains(const std::vector<Member>& members, const Endpoint& endpoint) {
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return member.endpoint == endpoint;
  });
}

// Both sides of a change, which are moved out of it.
template <class Place>
ListenerFacts facts_of(const Place& place, Change& change) {
  return {place.event_snapshot,
          place.socket,
          std::make_shared<const Service>(std::move(*change.after)),
          std::make_shared<const Service>(std::move(*change.before))};
}

}  // namespace

void ListenerTimeline::add_socket(const ObservedThings& things,
                                  std::size_t at,
                                  Found& found) const {
  const schema::SnapshotView& view = things.view;
  const schema::SocketIndex index = things.sockets[at];
  const schema::Socket& socket = view.socket(index);
  found.sockets.push_back(index);
  found.signature.sockets.push_back(things.socket_identities[at]);
  found.certain =
      found.certain || chosen_ == Chosen::Take || !is_passing(view, socket, things.brief.at(at));
  found.meant = found.meant || meant_(view, index);
  if (schema::is_forward(socket)) {
    found.signature.targets.push_back(schema::lead_text(socket));
  }
  const auto holders = view.holders(index);
  if (holders.empty()) {
    found.signature.reasons.push_back(socket.no_holder);
  }
  for (const schema::Holder& holder : holders) {
    const schema::Process& process = view.process(holder.process);
    const schema::Program* program = view.program(process);
    found.signature.holders.emplace_back(
        process.pid,
        process.start,
        holder.fd,
        process.effective_uid,
        program == nullptr ? schema::Inode() : program->inode,
        process.script,
        std::hash<std::string>()(process.command_line.value_or("")));
  }
}

std::map<Endpoint, ListenerTimeline::Found> ListenerTimeline::find(
    const ObservedThings& things) const {
  std::map<Endpoint, Found> found;
  for (std::size_t at = 0; at < things.sockets.size(); ++at) {
    const schema::Socket& socket = things.view.socket(things.sockets[at]);
    if (!waits(socket)) {
      continue;
    }
    for (const Endpoint& endpoint : schema::endpoints_of(things.view.snapshot(), socket)) {
      add_socket(things, at, found[endpoint]);
    }
  }
  std::erase_if(found, [](const auto& place) { return !place.second.certain; });
  for (auto& [endpoint, place] : found) {
    std::sort(place.signature.sockets.begin(), place.signature.sockets.end());
    std::sort(place.signature.holders.begin(), place.signature.holders.end());
    std::sort(place.signature.targets.begin(), place.signature.targets.end());
    place.signature.boot = things.view.snapshot().context.boot_id;
  }
  return found;
}

// A place that is as it was keeps its service. Returns those that are shown now, ascending.
std::vector<SeenService> ListenerTimeline::update_places(const ObservedThings& things,
                                                         Places& before) {
  std::vector<SeenService> services;
  auto next = places_.begin();
  for (auto& [endpoint, found] : find(things)) {
    while (next != places_.end() && next->first < endpoint) {
      ++next;
    }
    const bool known = next != places_.end() && next->first == endpoint;
    next = known ? next : places_.try_emplace(next, endpoint);
    Place& place = next->second;
    if (place.seen.service == nullptr || place.signature != found.signature) {
      if (known) {
        before.emplace(endpoint, place);
      }
      place.signature = std::move(found.signature);
      place.seen.service =
          std::make_shared<const Service>(build_service(things.view, endpoint, found.sockets));
    }
    place.seen.meant = found.meant;
    place.event_snapshot = things.event_snapshot;
    place.socket = found.sockets.front();
    services.push_back(place.seen);
  }
  return services;
}

// As the changes name the places; `before` has those that are not as they were. A service names its
// place: it is built anew when it is seen there next.
void ListenerTimeline::rename_places(const StateChanges& step,
                                     const SharedEventSnapshot& now,
                                     Places& before) {
  for (const auto& [from, to] : step.renamed) {
    const auto known = places_.find(from);
    auto old = before.extract(from);
    Place place = old.empty() ? known->second : std::move(old.mapped());
    place.seen.service = nullptr;
    if (known->second.event_snapshot != now) {
      places_.erase(known);
    }
    const auto [there, is_new] = places_.try_emplace(to, place);
    if (!is_new && there->second.event_snapshot == now) {
      before.insert_or_assign(to, std::move(place));
    } else if (!is_new) {
      there->second = std::move(place);
    }
  }
  for (const auto& [from, to] : step.completed) {
    auto node = places_.extract(from);
    if (auto known = places_.extract(to)) {
      before.insert(std::move(known));
    }
    node.key() = to;
    node.mapped().seen.service = nullptr;
    places_.insert(std::move(node));
  }
}

// Of a service at its place. A move is an event that it vanished and one that it appeared.
void ListenerTimeline::tell_change(DatedChange& dated,
                                   const StateChanges& step,
                                   Seq seq,
                                   Events& events) const {
  Change& change = dated.change;
  if (!change.places.empty()) {
    tell_reach(dated, step, seq, events);
    return;
  }
  const bool same_place =
      change.before && change.after && change.before->endpoint == change.after->endpoint;
  const auto kind = same_place ? kind_of(change) : std::nullopt;
  if (kind) {
    const Place& place = places_.at(change.endpoint);
    events.push_back({{*kind, seq, dated.before, facts_of(place, change)},
                      place.seen.meant || dated.before_meant});
  }
}

// One event for everything that an owner has at a port.
void ListenerTimeline::tell_reach(DatedChange& dated,
                                  const StateChanges& step,
                                  Seq seq,
                                  Events& events) const {
  Change& change = dated.change;
  const auto is_part = [&](const Endpoint& endpoint) {
    return std::find(change.places.begin(), change.places.end(), endpoint) != change.places.end();
  };
  for (const Arrival& arrival : step.came) {
    if (is_part(arrival.endpoint) && !arrival.not_before) {
      return;  // no snapshot could see whether it was as wide before
    }
  }
  const Endpoint& endpoint = change.after->endpoint;
  const Place& place = places_.at(endpoint);
  bool meant = dated.after_meant;
  std::erase_if(events, [&](const MeantEvent& told) {
    const bool of_one = told.event.kind == EventKind::ListenerAppeared ||
                        told.event.kind == EventKind::ListenerVanished;
    const bool part = of_one && is_part(std::get<ListenerFacts>(told.event.what).now->endpoint);
    meant = meant || (part && told.meant);
    return part;
  });
  events.push_back({{change.kind == ChangeKind::ExposureWidened ? EventKind::ExposureWidened
                                                                : EventKind::ExposureNarrowed,
                     seq,
                     dated.before,
                     facts_of(place, change)},
                    meant});
}

void ListenerTimeline::tell(StateChanges& step,
                            Seq seq,
                            const Places& before,
                            Events& events) const {
  for (const Arrival& arrival : step.came) {
    const Place& place = places_.at(arrival.endpoint);
    events.push_back({{begun_ ? EventKind::ListenerAppeared : EventKind::ListenerPresent,
                       seq,
                       arrival.not_before,
                       ListenerFacts{place.event_snapshot, place.socket, place.seen.service, {}}},
                      place.seen.meant});
  }
  for (const Alteration& altered : step.altered) {
    const Place& place = places_.at(altered.endpoint);
    const bool other_owner =
        std::any_of(step.changes.begin(), step.changes.end(), [&](const DatedChange& each) {
          return each.change.kind == ChangeKind::OwnerChanged &&
                 each.change.severity == Severity::High && each.change.endpoint == altered.endpoint;
        });
    // A rule that leads a port elsewhere has no socket that could be another one.
    const auto old = before.find(altered.endpoint);
    if (!other_owner && !schema::is_forward(altered.endpoint) && old != before.end() &&
        old->second.signature.boot == place.signature.boot &&
        disjoint(old->second.signature.sockets, place.signature.sockets)) {
      events.push_back(
          {{EventKind::ListenerRestarted,
            seq,
            altered.last,
            ListenerFacts{place.event_snapshot, place.socket, altered.after, altered.before}},
           place.seen.meant || altered.before_meant});
    }
  }
  for (const Departure& departure : step.gone) {
    const Place& place = places_.at(departure.endpoint);
    if (departure.certain) {
      events.push_back({{EventKind::ListenerVanished,
                         seq,
                         departure.last,
                         ListenerFacts{place.event_snapshot, place.socket, departure.service, {}}},
                        departure.meant});
    }
  }
  for (DatedChange& dated : step.changes) {
    tell_change(dated, step, seq, events);
  }
}

void ListenerTimeline::add(const Observation& observation,
                           const ObservedThings& things,
                           std::vector<TimelineEvent>& events) {
  const auto& context = things.view.snapshot().context;
  Places before;
  ServiceState state{.snapshots = observation.snapshots,
                     .visibility = observation.visibility,
                     .as_of = things.view.snapshot().begin.wall,
                     .ephemeral_first = context.ephemeral_first,
                     .ephemeral_last = context.ephemeral_last,
                     .services = update_places(things, before)};
  StateChanges step = changes_.add(std::move(state));
  rename_places(step, things.event_snapshot, before);
  Events told;
  tell(step, observation.snapshots.first, before, told);
  for (MeantEvent& each : told) {
    if (each.meant) {
      events.push_back(std::move(each.event));
    }
  }
  for (const Departure& departure : step.gone) {
    places_.erase(departure.endpoint);
  }
  begun_ = true;
}

}  // namespace sockwitness::query
