#include "query/analysis/listener_track.h"

#include <algorithm>

#include "query/analysis/hiding.h"
#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::Service;

bool disjoint(const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right) {
  return std::none_of(left.begin(), left.end(), [&](std::int64_t identity) {
    return std::binary_search(right.begin(), right.end(), identity);
  });
}

// A port that the kernel gave to a client, in one snapshot only.
bool is_passing(const schema::SnapshotView& view, const schema::Socket& socket, bool brief) {
  const auto& context = view.snapshot().context;
  const bool datagram =
      socket.protocol == schema::Protocol::Udp || socket.protocol == schema::Protocol::UdpLite;
  return brief && datagram && socket.local_port >= context.ephemeral_first &&
         socket.local_port <= context.ephemeral_last;
}

Service build_service(const schema::SnapshotView& view,
                      const Endpoint& endpoint,
                      const std::vector<schema::SocketIndex>& sockets,
                      std::optional<bool> v6only) {
  Service service;
  service.endpoint = endpoint;
  service.sockets = sockets;
  service.v6only = v6only;
  std::map<schema::ProcessIndex, std::vector<schema::Fd>> fds;
  for (const schema::SocketIndex index : sockets) {
    for (const schema::Holder& holder : view.holders(index)) {
      fds[holder.process].push_back(holder.fd);
    }
  }
  for (auto& [index, numbers] : fds) {
    schema::Owner owner = schema::owner_of(view, view.process(index));
    owner.fds = std::move(numbers);
    service.owners.push_back(std::move(owner));
  }
  std::sort(service.owners.begin(), service.owners.end(), [](const auto& left, const auto& right) {
    return std::tie(left.started_at, left.pid) < std::tie(right.started_at, right.pid);
  });
  if (service.owners.empty()) {
    service.no_holder = view.socket(sockets.front()).no_holder;
  }
  return service;
}

bool waits(const schema::Socket& socket) {
  return schema::waits_for_peers(socket) ||
         (socket.state == schema::SocketState::Unconnected && !socket.name.empty());
}

Endpoint endpoint_of(const schema::SnapshotView& view, const schema::Socket& socket) {
  return {std::string(view.netns_label(socket.netns)),
          socket.protocol,
          socket.family,
          socket.local_address,
          socket.local_port,
          socket.name};
}

bool same_view(const schema::ServiceSet& left, const schema::ServiceSet& right) {
  return left.namespaces == right.namespaces && left.gaps == right.gaps;
}

// The same people at another address of the port: that is a change of reach, not two services.
void join_moves(std::vector<TimelineEvent>& events, std::size_t first) {
  const auto facts = [&](std::size_t at) -> const ListenerFacts& {
    return std::get<ListenerFacts>(events[at].what);
  };
  for (std::size_t at = first; at < events.size(); ++at) {
    if (events[at].kind != EventKind::ListenerAppeared) {
      continue;
    }
    const Service& now = *facts(at).now;
    for (std::size_t other = first; other < events.size(); ++other) {
      if (events[other].kind != EventKind::ListenerVanished) {
        continue;
      }
      const Service& before = *facts(other).now;
      const bool same_port = now.endpoint.netns == before.endpoint.netns &&
                             now.endpoint.protocol == before.endpoint.protocol &&
                             now.endpoint.port == before.endpoint.port &&
                             now.endpoint.name.empty() && !now.owners.empty() &&
                             !before.owners.empty();
      if (!same_port || key_of(now.owners.front()) != key_of(before.owners.front())) {
        continue;
      }
      const ReachChange change = compare_reach(reach_of(before), reach_of(now));
      if (change != ReachChange::Widened && change != ReachChange::Narrowed) {
        continue;
      }
      events[at].kind =
          change == ReachChange::Widened ? EventKind::ExposureWidened : EventKind::ExposureNarrowed;
      events[at].not_before = events[other].not_before;
      std::get<ListenerFacts>(events[at].what).before = facts(other).now;
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(other));
      at -= other < at ? 1 : 0;
      break;
    }
  }
}

}  // namespace

void ListenerTrack::add_socket(const schema::SnapshotView& view,
                               schema::SocketIndex index,
                               std::int64_t identity,
                               Found& place) {
  const schema::Socket& socket = view.socket(index);
  place.sockets.push_back(index);
  place.signature.sockets.push_back(identity);
  if (socket.v6only) {
    place.v6only = place.v6only.value_or(true) && *socket.v6only;
  }
  const auto holders = view.holders(index);
  if (holders.empty()) {
    place.signature.reasons.push_back(socket.no_holder);
  }
  for (const schema::Holder& holder : holders) {
    const schema::Process& process = view.process(holder.process);
    const schema::Program* program = view.program(process);
    place.signature.holders.emplace_back(process.pid,
                                         process.start,
                                         holder.fd,
                                         process.effective_uid,
                                         program == nullptr ? schema::Inode() : program->inode,
                                         process.script);
  }
}

std::map<Endpoint, ListenerTrack::Found> ListenerTrack::find(const SeenThings& things) const {
  std::map<Endpoint, Found> found;
  for (std::size_t at = 0; at < things.sockets.size(); ++at) {
    const schema::Socket& socket = things.view.socket(things.sockets[at]);
    if (waits(socket)) {
      Found& place = found[endpoint_of(things.view, socket)];
      add_socket(things.view, things.sockets[at], things.socket_identities[at], place);
      place.certain = place.certain || chosen_ == Chosen::Take ||
                      !is_passing(things.view, socket, things.brief.at(at));
    }
  }
  std::erase_if(found, [](const auto& place) { return !place.second.certain; });
  // Passed on to somebody else: it is still there.
  std::map<Endpoint, Found> passed_on;
  for (std::size_t at = 0; at < things.others.size(); ++at) {
    const schema::Socket& socket = things.view.socket(things.others[at]);
    const Endpoint endpoint = endpoint_of(things.view, socket);
    if (waits(socket) && known_.contains(endpoint) && !found.contains(endpoint)) {
      add_socket(things.view, things.others[at], things.other_identities[at], passed_on[endpoint]);
    }
  }
  found.merge(passed_on);
  for (auto& [endpoint, place] : found) {
    std::sort(place.signature.sockets.begin(), place.signature.sockets.end());
    std::sort(place.signature.holders.begin(), place.signature.holders.end());
  }
  return found;
}

void ListenerTrack::compare(const Endpoint& endpoint,
                            Known& known,
                            const Found& found,
                            const Sighting& sighting,
                            const SeenThings& things,
                            std::vector<TimelineEvent>& events) const {
  const schema::BootId& boot = things.view.snapshot().context.boot_id;
  const auto now = std::make_shared<const Service>(
      build_service(things.view, endpoint, found.sockets, found.v6only));
  const auto add = [&](EventKind kind) {
    events.push_back({kind,
                      sighting.snapshots.first,
                      known.last,
                      ListenerFacts{things.excerpt, found.sockets.front(), now, known.service}});
  };
  const OwnerComparison owners = compare_owners(*view_at_(known.last), *known.service, *now);
  if (owners.verdict == OwnerComparison::Verdict::Changed) {
    add(EventKind::OwnerChanged);
  } else if (boot == known.boot && disjoint(known.signature.sockets, found.signature.sockets)) {
    add(EventKind::ListenerRestarted);
  }
  // Whose holder cannot be seen is taken for who was seen last.
  if (!owners_unseen(*now) || owners_unseen(*known.service)) {
    known.service = now;
  }
  known.signature = found.signature;
  known.boot = boot;
}

std::optional<Seq> ListenerTrack::find_not_before(const Endpoint& endpoint,
                                                  const Sighting& sighting) const {
  const auto gone = gone_.find(endpoint);
  for (auto earlier = trail_.rbegin(); earlier != trail_.rend(); ++earlier) {
    if (gone != gone_.end() && earlier->snapshots.last < gone->second) {
      break;
    }
    if (!may_have_hidden(*earlier, sighting, {endpoint, std::nullopt})) {
      return earlier->snapshots.last;
    }
  }
  return gone == gone_.end() ? std::nullopt : std::optional(gone->second);
}

void ListenerTrack::remember(const Sighting& sighting) {
  const bool joins = !trail_.empty() && trail_.back().doubtful.empty() &&
                     sighting.doubtful.empty() && same_view(*trail_.back().view, *sighting.view);
  if (joins) {
    trail_.back().snapshots.last = sighting.snapshots.last;
  } else {
    trail_.push_back({sighting.snapshots, {}, sighting.doubtful, sighting.view});
  }
}

void ListenerTrack::add(const Sighting& sighting,
                        const SeenThings& things,
                        std::vector<TimelineEvent>& events) {
  const std::size_t first_event = events.size();
  auto found = find(things);
  for (auto& [endpoint, place] : found) {
    const auto [entry, is_new] = known_.try_emplace(endpoint);
    Known& known = entry->second;
    if (is_new) {
      known.service = std::make_shared<const Service>(
          build_service(things.view, endpoint, place.sockets, place.v6only));
      known.signature = place.signature;
      known.boot = things.view.snapshot().context.boot_id;
      const auto not_before = begun_ ? find_not_before(endpoint, sighting) : std::nullopt;
      events.push_back({begun_ ? EventKind::ListenerAppeared : EventKind::ListenerPresent,
                        sighting.snapshots.first,
                        not_before,
                        ListenerFacts{things.excerpt, place.sockets.front(), known.service, {}}});
    } else if (known.signature != place.signature ||
               known.boot != things.view.snapshot().context.boot_id) {
      compare(endpoint, known, place, sighting, things, events);
    }
    known.excerpt = things.excerpt;
    known.socket = place.sockets.front();
    known.last = sighting.snapshots.last;
    known.view = sighting.view;
  }
  for (auto entry = known_.begin(); entry != known_.end();) {
    const Place place{entry->first, std::nullopt};
    const Known& known = entry->second;
    const bool stays = found.contains(entry->first) ||
                       find_hiding(sighting, Sighting{{}, {}, {}, known.view}, place);
    if (stays) {
      ++entry;
      continue;
    }
    events.push_back({EventKind::ListenerVanished,
                      sighting.snapshots.first,
                      known.last,
                      ListenerFacts{known.excerpt, known.socket, known.service, {}}});
    gone_[entry->first] = sighting.snapshots.first;
    entry = known_.erase(entry);
  }
  join_moves(events, first_event);
  remember(sighting);
  begun_ = true;
}

}  // namespace sockwitness::query
