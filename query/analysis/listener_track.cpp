#include "query/analysis/listener_track.h"

#include <algorithm>

#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "query/analysis/service_traits.h"
#include "schema/model/snapshot.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
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
  service.owners = schema::owners_of(view, sockets);
  const schema::Socket& first = view.socket(sockets.front());
  if (service.owners.empty()) {
    service.no_holder = first.no_holder;
  }
  service.made_by = schema::maker_of(view, sockets);
  service.leads_to = schema::leads_of(view, sockets);
  return service;
}

bool waits(const schema::Socket& socket) {
  return schema::waits_for_peers(socket) ||
         (socket.state == schema::SocketState::Unconnected && !socket.name.empty());
}

// One port of one namespace, whatever its addresses.
using PortKey = std::tuple<std::string, schema::Protocol, schema::Port, std::string>;

PortKey port_of(const Endpoint& endpoint) {
  return {endpoint.netns, endpoint.protocol, endpoint.port, endpoint.name};
}

bool contains(const Services& services, const Endpoint& endpoint) {
  return std::any_of(services.begin(), services.end(), [&](const Service* service) {
    return service->endpoint == endpoint;
  });
}

}  // namespace

void ListenerTrack::add_socket(const ObservedThings& things, std::size_t at, Found& place) const {
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

std::map<Endpoint, ListenerTrack::Found> ListenerTrack::find(const ObservedThings& things) const {
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
  }
  return found;
}

void ListenerTrack::begin(const Endpoint& endpoint,
                          Known& known,
                          const Found& found,
                          const Observation& observation,
                          const ObservedThings& things,
                          Events& events) {
  known.service = std::make_shared<const Service>(
      build_service(things.view, endpoint, found.sockets, found.v6only));
  known.meant = found.meant;
  known.unseen = owners_doubtful(*known.service);
  const auto not_before = begun_ ? find_not_before(endpoint, observation) : std::nullopt;
  before_.emplace(endpoint, Before{nullptr, not_before});
  events.push_back({{begun_ ? EventKind::ListenerAppeared : EventKind::ListenerPresent,
                     observation.snapshots.first,
                     not_before,
                     ListenerFacts{things.excerpt, found.sockets.front(), known.service, {}}},
                    found.meant});
}

void ListenerTrack::compare(const Endpoint& endpoint,
                            Known& known,
                            const Found& found,
                            const Observation& observation,
                            const ObservedThings& things,
                            Events& events) {
  // What is not told now is as it was.
  const auto v6only = found.v6only ? found.v6only : known.service->v6only;
  const auto now =
      std::make_shared<const Service>(build_service(things.view, endpoint, found.sockets, v6only));
  const auto tell = [&](EventKind kind, Seq not_before, const SharedService& before, bool meant) {
    events.push_back({{kind,
                       observation.snapshots.first,
                       not_before,
                       ListenerFacts{things.excerpt, found.sockets.front(), now, before}},
                      found.meant || meant});
  };
  before_.emplace(endpoint, Before{known.service, known.last});
  const auto judged = known.owners.judge(*now, visibility_);
  if (now->leads_to != known.service->leads_to) {
    tell(EventKind::OwnerChanged, known.last, known.service, known.meant);
  } else if (judged && judged->changed) {
    const OwnerObservation& other = judged->observation;
    tell(EventKind::OwnerChanged, other.seq, other.service, other.meant);
    known.owners.forget();
  } else if (things.view.snapshot().context.boot_id == known.boot &&
             disjoint(known.signature.sockets, found.signature.sockets)) {
    tell(EventKind::ListenerRestarted, known.last, known.service, known.meant);
  }
  known.unseen = owners_doubtful(*now);
  // While its owners are hidden, the service is taken to be as it was seen last.
  if (!known.unseen || owners_doubtful(*known.service)) {
    known.service = now;
    known.meant = found.meant;
  } else if (known.service->v6only != now->v6only) {
    auto service = std::make_shared<Service>(*known.service);
    service->v6only = now->v6only;
    known.service = std::move(service);
  }
}

// Where it was before and had gone, the last run is of then at the earliest: that end was seen.
std::optional<Seq> ListenerTrack::find_not_before(const Endpoint& endpoint,
                                                  const Observation& observation) const {
  const VisibilityRun* run = runs_.find_last([&](const VisibilityRun& earlier) {
    return !find_gap_before(*earlier.visibility, *observation.visibility, endpoint);
  });
  return run == nullptr ? std::nullopt : std::optional(run->snapshots.last);
}

void ListenerTrack::end_unseen(const std::map<Endpoint, Found>& found,
                               const Observation& observation,
                               Events& events) {
  for (auto entry = known_.begin(); entry != known_.end();) {
    const auto& [endpoint, known] = *entry;
    const bool stays =
        found.contains(endpoint) || find_covering_gap(*observation.visibility, endpoint);
    if (stays) {
      ++entry;
      continue;
    }
    before_.emplace(endpoint, Before{known.service, known.last});
    events.push_back({{EventKind::ListenerVanished,
                       observation.snapshots.first,
                       known.last,
                       ListenerFacts{known.excerpt, known.socket, known.service, {}}},
                      known.meant});
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
void ListenerTrack::join_moves(const Observation& observation, Events& events) {
  std::set<PortKey> ports;
  for (const auto& [endpoint, before] : before_) {
    if (reach_may_differ(endpoint, before)) {
      ports.insert(port_of(endpoint));
    }
  }
  if (ports.empty()) {
    return;
  }
  const auto is_there = [&](const Endpoint& endpoint) {
    return is_inet(endpoint) && ports.contains(port_of(endpoint));
  };
  std::map<Endpoint, SharedService> old;
  schema::ServiceSet after;
  for (const auto& [endpoint, known] : known_) {
    if (is_there(endpoint)) {
      old.emplace(endpoint, known.service);
      after.services.push_back(*known.service);
    }
  }
  for (const auto& [endpoint, before] : before_) {
    if (is_there(endpoint)) {
      old[endpoint] = before.service;
    }
  }
  schema::ServiceSet before;
  for (const auto& [endpoint, service] : old) {
    if (service != nullptr) {
      before.services.push_back(*service);
    }
  }
  for (const ServicePair& pair : pair_services(before, after).pairs) {
    const ReachChange change = pair.kind == PairKind::Reach
                                   ? compare_reach(reach_of(pair.befores), reach_of(pair.afters))
                                   : ReachChange::Equal;
    if (change == ReachChange::Widened || change == ReachChange::Narrowed) {
      join_move(pair, change == ReachChange::Widened, observation, events);
    }
  }
}

// One event for everything that an owner has at a port.
void ListenerTrack::join_move(const ServicePair& pair,
                              bool widened,
                              const Observation& observation,
                              Events& events) {
  Seq not_before(observation.snapshots.first.value() - 1);
  const Endpoint& place = pair.before->endpoint;
  SharedService old = known_.contains(place) ? known_.at(place).service : nullptr;
  for (const auto& [endpoint, before] : before_) {
    if (endpoint == place) {
      old = before.service;
    }
    const bool is_part = contains(pair.befores, endpoint) || contains(pair.afters, endpoint);
    if (is_part && reach_may_differ(endpoint, before)) {
      if (!before.not_before) {
        return;  // no snapshot could see whether it was as wide before
      }
      not_before = std::min(not_before, *before.not_before);
    }
  }
  const auto is_part = [&](const MeantEvent& told) {
    const Endpoint& endpoint = std::get<ListenerFacts>(told.event.what).now->endpoint;
    return (told.event.kind == EventKind::ListenerAppeared && contains(pair.afters, endpoint)) ||
           (told.event.kind == EventKind::ListenerVanished && contains(pair.befores, endpoint));
  };
  const Known& known = known_.at(pair.after->endpoint);
  bool meant = known.meant;
  for (const MeantEvent& told : events) {
    meant = meant || (told.meant && is_part(told));
  }
  std::erase_if(events, is_part);
  events.push_back({{widened ? EventKind::ExposureWidened : EventKind::ExposureNarrowed,
                     observation.snapshots.first,
                     not_before,
                     ListenerFacts{known.excerpt, known.socket, known.service, std::move(old)}},
                    meant});
}

void ListenerTrack::add(const Observation& observation,
                        const ObservedThings& things,
                        std::vector<TimelineEvent>& events) {
  Events told;
  before_.clear();
  const schema::BootId& boot = things.view.snapshot().context.boot_id;
  const schema::WallTime as_of = things.view.snapshot().begin.wall;
  const auto found = find(things);
  for (const auto& [endpoint, place] : found) {
    const auto [entry, is_new] = known_.try_emplace(endpoint);
    Known& known = entry->second;
    if (is_new) {
      begin(endpoint, known, place, observation, things, told);
    } else if (known.signature != place.signature || known.boot != boot) {
      compare(endpoint, known, place, observation, things, told);
    }
    if (!known.unseen) {
      known.owners.add(known.service, observation.snapshots, as_of, known.meant, visibility_);
    }
    known.signature = place.signature;
    known.boot = boot;
    known.excerpt = things.excerpt;
    known.socket = place.sockets.front();
    known.last = observation.snapshots.last;
  }
  end_unseen(found, observation, told);
  if (begun_) {
    join_moves(observation, told);
  }
  for (MeantEvent& each : told) {
    if (each.meant) {
      events.push_back(std::move(each.event));
    }
  }
  runs_.add(observation.snapshots, *observation.visibility, as_of);
  begun_ = true;
}

}  // namespace sockwitness::query
