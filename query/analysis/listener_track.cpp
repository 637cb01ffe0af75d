#include "query/analysis/listener_track.h"

#include <algorithm>

#include "query/analysis/coverage.h"
#include "query/analysis/hiding.h"
#include "query/analysis/owners.h"
#include "schema/model/snapshot.h"
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
  const schema::Socket& first = view.socket(sockets.front());
  if (service.owners.empty()) {
    service.no_holder = first.no_holder;
  }
  service.made_by = schema::maker_of(view, sockets);
  return service;
}

bool waits(const schema::Socket& socket) {
  return schema::waits_for_peers(socket) ||
         (socket.state == schema::SocketState::Unconnected && !socket.name.empty());
}

bool is_inet(const Endpoint& endpoint) {
  return endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
}

// One port of one namespace, whatever its addresses.
using PortKey = std::tuple<std::string, schema::Protocol, schema::Port>;

PortKey port_of(const Endpoint& endpoint) {
  return {endpoint.netns, endpoint.protocol, endpoint.port};
}

bool contains(const std::vector<Endpoint>& endpoints, const Endpoint& endpoint) {
  return std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
}

}  // namespace

void ListenerTrack::add_socket(const SeenThings& things, std::size_t at, Found& place) const {
  const schema::SnapshotView& view = things.view;
  const schema::SocketIndex index = things.sockets[at];
  const schema::Socket& socket = view.socket(index);
  place.sockets.push_back(index);
  place.signature.sockets.push_back(things.socket_identities[at]);
  place.certain =
      place.certain || chosen_ == Chosen::Take || !is_passing(view, socket, things.brief.at(at));
  place.meant = place.meant || meant_(view, index);
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
      add_socket(things, at, found[schema::endpoint_of(things.view.snapshot(), socket)]);
    }
  }
  std::erase_if(found, [](const auto& place) { return !place.second.certain; });
  for (auto& [endpoint, place] : found) {
    std::sort(place.signature.sockets.begin(), place.signature.sockets.end());
    std::sort(place.signature.holders.begin(), place.signature.holders.end());
  }
  return found;
}

void ListenerTrack::begin(const Endpoint& endpoint,
                          Known& known,
                          const Found& found,
                          const Sighting& sighting,
                          const SeenThings& things,
                          Events& events) {
  known.service = std::make_shared<const Service>(
      build_service(things.view, endpoint, found.sockets, found.v6only));
  known.meant = found.meant;
  known.unseen = owners_doubtful(*known.service);
  const auto not_before = begun_ ? find_not_before(endpoint, sighting) : std::nullopt;
  before_.emplace(endpoint, Before{nullptr, not_before});
  events.push_back({{begun_ ? EventKind::ListenerAppeared : EventKind::ListenerPresent,
                     sighting.snapshots.first,
                     not_before,
                     ListenerFacts{things.excerpt, found.sockets.front(), known.service, {}}},
                    found.meant});
}

void ListenerTrack::compare(const Endpoint& endpoint,
                            Known& known,
                            const Found& found,
                            const Sighting& sighting,
                            const SeenThings& things,
                            Events& events) {
  // What is not told now is as it was.
  const auto v6only = found.v6only ? found.v6only : known.service->v6only;
  const auto now =
      std::make_shared<const Service>(build_service(things.view, endpoint, found.sockets, v6only));
  const auto tell = [&](EventKind kind, Seq not_before, const SharedService& before, bool meant) {
    events.push_back({{kind,
                       sighting.snapshots.first,
                       not_before,
                       ListenerFacts{things.excerpt, found.sockets.front(), now, before}},
                      found.meant || meant});
  };
  before_.emplace(endpoint, Before{known.service, known.last});
  if (const auto other = known.owners.find_other(*now, views_)) {
    tell(EventKind::OwnerChanged, other->seq, other->service, other->meant);
    known.owners.forget();
  } else if (things.view.snapshot().context.boot_id == known.boot &&
             disjoint(known.signature.sockets, found.signature.sockets)) {
    tell(EventKind::ListenerRestarted, known.last, known.service, known.meant);
  }
  known.unseen = owners_doubtful(*now);
  // Whose holder cannot be seen is taken for who was seen last.
  if (!known.unseen || owners_doubtful(*known.service)) {
    known.service = now;
    known.meant = found.meant;
  } else if (known.service->v6only != now->v6only) {
    auto service = std::make_shared<Service>(*known.service);
    service->v6only = now->v6only;
    known.service = std::move(service);
  }
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
                     sighting.doubtful.empty() && *trail_.back().visibility == *sighting.visibility;
  if (joins) {
    trail_.back().snapshots.last = sighting.snapshots.last;
  } else {
    trail_.push_back({sighting.snapshots, {}, sighting.doubtful, sighting.visibility});
  }
}

void ListenerTrack::end_unseen(const std::map<Endpoint, Found>& found,
                               const Sighting& sighting,
                               Events& events) {
  for (auto entry = known_.begin(); entry != known_.end();) {
    const auto& [endpoint, known] = *entry;
    const bool stays =
        found.contains(endpoint) ||
        find_hiding(sighting, Sighting{{}, {}, {}, known.visibility}, {endpoint, std::nullopt});
    if (stays) {
      ++entry;
      continue;
    }
    before_.emplace(endpoint, Before{known.service, known.last});
    events.push_back({{EventKind::ListenerVanished,
                       sighting.snapshots.first,
                       known.last,
                       ListenerFacts{known.excerpt, known.socket, known.service, {}}},
                      known.meant});
    gone_[endpoint] = sighting.snapshots.first;
    entry = known_.erase(entry);
  }
}

bool ListenerTrack::reach_may_differ(const Endpoint& endpoint, const Before& before) const {
  const auto known = known_.find(endpoint);
  return is_inet(endpoint) && (before.service == nullptr || known == known_.end() ||
                               (before.service->v6only && known->second.service->v6only &&
                                before.service->v6only != known->second.service->v6only));
}

// The same people at another address of the port, or at one more: that is a change of reach.
void ListenerTrack::join_moves(const Sighting& sighting, Events& events) {
  std::set<PortKey> ports;
  for (const auto& [endpoint, before] : before_) {
    if (reach_may_differ(endpoint, before)) {
      ports.insert(port_of(endpoint));
    }
  }
  if (ports.empty()) {
    return;
  }
  std::map<Endpoint, SharedService> old;
  std::vector<SharedService> now;
  for (const auto& [endpoint, known] : known_) {
    if (is_inet(endpoint) && ports.contains(port_of(endpoint))) {
      old.emplace(endpoint, known.service);
      now.push_back(known.service);
    }
  }
  for (const auto& [endpoint, before] : before_) {
    if (is_inet(endpoint) && ports.contains(port_of(endpoint))) {
      old[endpoint] = before.service;
    }
  }
  std::vector<SharedService> before;
  for (const auto& [endpoint, service] : old) {
    if (service != nullptr) {
      before.push_back(service);
    }
  }
  for (const ReachMove& move : find_reach_moves(before, now)) {
    join_move(move, sighting, events);
  }
}

void ListenerTrack::join_move(const ReachMove& move, const Sighting& sighting, Events& events) {
  Seq not_before(sighting.snapshots.first.value() - 1);
  SharedService old = known_.contains(move.before) ? known_.at(move.before).service : nullptr;
  for (const auto& [endpoint, before] : before_) {
    if (endpoint == move.before) {
      old = before.service;
    }
    const bool is_part = contains(move.befores, endpoint) || contains(move.afters, endpoint);
    if (is_part && reach_may_differ(endpoint, before)) {
      if (!before.not_before) {
        return;  // nobody could look whether it was as wide before
      }
      not_before = std::min(not_before, *before.not_before);
    }
  }
  const auto is_part = [&](const Told& told) {
    const Endpoint& endpoint = std::get<ListenerFacts>(told.event.what).now->endpoint;
    return (told.event.kind == EventKind::ListenerAppeared && contains(move.afters, endpoint)) ||
           (told.event.kind == EventKind::ListenerVanished && contains(move.befores, endpoint));
  };
  const Known& known = known_.at(move.after);
  bool meant = known.meant;
  for (const Told& told : events) {
    meant = meant || (told.meant && is_part(told));
  }
  std::erase_if(events, is_part);
  events.push_back({{move.widened ? EventKind::ExposureWidened : EventKind::ExposureNarrowed,
                     sighting.snapshots.first,
                     not_before,
                     ListenerFacts{known.excerpt, known.socket, known.service, std::move(old)}},
                    meant});
}

void ListenerTrack::add(const Sighting& sighting,
                        const SeenThings& things,
                        std::vector<TimelineEvent>& events) {
  Events told;
  before_.clear();
  const schema::BootId& boot = things.view.snapshot().context.boot_id;
  const auto found = find(things);
  for (const auto& [endpoint, place] : found) {
    const auto [entry, is_new] = known_.try_emplace(endpoint);
    Known& known = entry->second;
    if (is_new) {
      begin(endpoint, known, place, sighting, things, told);
    } else if (known.signature != place.signature || known.boot != boot) {
      compare(endpoint, known, place, sighting, things, told);
    }
    if (!known.unseen) {
      known.owners.add(known.service, sighting.snapshots, known.meant, views_);
    }
    known.signature = place.signature;
    known.boot = boot;
    known.excerpt = things.excerpt;
    known.socket = place.sockets.front();
    known.last = sighting.snapshots.last;
    known.visibility = sighting.visibility;
  }
  end_unseen(found, sighting, told);
  if (begun_) {
    join_moves(sighting, told);
  }
  for (Told& each : told) {
    if (each.meant) {
      events.push_back(std::move(each.event));
    }
  }
  remember(sighting);
  begun_ = true;
}

}  // namespace sockwitness::query
