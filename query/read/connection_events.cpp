#include "query/read/connection_events.h"

#include <algorithm>
#include <map>

#include "query/read/change_points.h"
#include "query/read/identities.h"
#include "query/read/version_snapshot.h"
#include "schema/view/blind_spot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;
using schema::SeqRange;
using schema::Socket;

bool same_peer(const Socket& left, const Socket& right) {
  return left.local_address == right.local_address && left.local_port == right.local_port &&
         left.remote_address == right.remote_address && left.remote_port == right.remote_port;
}

}  // namespace

ConnectionEvents::ConnectionEvents(const Reading& reading,
                                   const Filter& filter,
                                   std::vector<RowId> origins)
    : reading_(reading),
      filter_(filter),
      reader_(reading.database, reading.range, reading.latest),
      windows_(reading,
               schema::Entity::Socket,
               std::move(origins),
               [this](const std::vector<RowId>& wanted) { return reader_.read_sockets(wanted); }),
      same_(reading, schema::Entity::Socket, schema::hides_sockets),
      past_reader_(reading.database, reading.range.last),
      visibility_(reading) {
}

ConnectionEvents::Connections ConnectionEvents::find_new() {
  Connections connections;
  const auto& things = windows_.things();
  for (std::size_t at = windows_.first_new(); at < things.size(); ++at) {
    const SocketVersion* before = nullptr;
    const std::size_t known = connections.size();
    for (const SocketVersion& version : things[at].versions) {
      if (!schema::is_connected(version.row.socket)) {
        before = nullptr;
        continue;
      }
      if (before != nullptr && same_peer(before->row.socket, version.row.socket)) {
        connections.back().seen.last = version.seen.last;
      } else {
        connections.push_back({&things[at], version.seen, {}, {}});
      }
      before = &version;
    }
    if (connections.size() > known) {
      const auto* earlier = same_.before(things[at].origin);
      const auto* later = same_.after(things[at].origin);
      if (earlier != nullptr && earlier->first == connections[known].seen.first) {
        connections[known].known_until = earlier->last;
      }
      if (later != nullptr && later->last == connections.back().seen.last) {
        connections.back().again_from = later->first;
      }
    }
  }
  std::erase_if(connections, [&](const Connection& connection) {
    return !connection.seen.overlaps(reading_.range);
  });
  return connections;
}

bool ConnectionEvents::is_meant_later(const Connection& connection, Seq first) {
  std::vector<Seq> changes;
  add_changes(*connection.thing, reader_, changes);
  order_changes(changes, {first, std::min(connection.seen.last, reading_.range.last)});
  return std::any_of(changes.begin(), changes.end(), [&](Seq seq) {
    VersionSnapshot partial(reading_.moments, reading_.contexts, reader_, seq);
    const auto index = partial.add(*connection.thing);
    const schema::SnapshotView view(partial.snapshot());
    return index && matches(filter_, view, *index);
  });
}

void ConnectionEvents::learn_listeners(const Connections& connections) {
  std::vector<schema::Port> ports;
  for (const Connection& connection : connections) {
    const Socket& socket = connection.thing->versions.front().row.socket;
    const Socket& last = connection.thing->versions.back().row.socket;
    ports.insert(ports.end(), {socket.local_port, last.local_port});
    if (last.remote_address == last.local_address || schema::is_loopback(last)) {
      ports.push_back(last.remote_port);
    }
  }
  past_reader_.add(ports, past_);
}

ConnectionEvents::Connections ConnectionEvents::open(Seq seq,
                                                     const Connections& connections,
                                                     std::vector<TimelineEvent>& events) {
  VersionSnapshot partial(reading_.moments, reading_.contexts, reader_, seq);
  std::vector<schema::SocketIndex> indices;
  for (const Connection& connection : connections) {
    indices.push_back(partial.add(*connection.thing).value());
  }
  const auto event_snapshot = std::make_shared<const EventSnapshot>(partial.take());
  const schema::DirectionFinder directions(event_snapshot->view(), &past_);
  Connections meant;
  for (std::size_t at = 0; at < connections.size(); ++at) {
    const Connection& connection = connections[at];
    const bool is_meant = matches(filter_, event_snapshot->view(), indices[at]) ||
                          (asks_for_holders(filter_) && is_meant_later(connection, seq));
    if (!is_meant) {
      continue;
    }
    meant.push_back(connection);
    const Socket& socket = event_snapshot->view().socket(indices[at]);
    if (connection.known_until &&
        visibility_.is_hidden(place_of(event_snapshot->view(), indices[at]),
                              *connection.known_until,
                              connection.seen.first)) {
      continue;
    }
    const bool is_new = connection.seen.first > reading_.range.first;
    events.push_back(
        {is_new ? EventKind::ConnectionOpened : EventKind::ConnectionPresent,
         seq,
         is_new ? visibility_.not_before(place_of(event_snapshot->view(), indices[at]), seq)
                : std::nullopt,
         ConnectionFacts{event_snapshot,
                         indices[at],
                         directions.find(socket, connection.seen.first),
                         connection.seen}});
  }
  return meant;
}

void ConnectionEvents::close(Seq last,
                             const Connections& connections,
                             std::vector<TimelineEvent>& events) {
  VersionSnapshot partial(reading_.moments, reading_.contexts, reader_, last);
  std::vector<schema::SocketIndex> indices;
  for (const Connection& connection : connections) {
    indices.push_back(partial.add(*connection.thing).value());
  }
  const auto event_snapshot = std::make_shared<const EventSnapshot>(partial.take());
  const schema::DirectionFinder directions(event_snapshot->view(), &past_);
  for (std::size_t at = 0; at < connections.size(); ++at) {
    const Socket& socket = event_snapshot->view().socket(indices[at]);
    const Place place = place_of(event_snapshot->view(), indices[at]);
    const auto& again = connections[at].again_from;
    if (again && visibility_.is_hidden(place, last, *again)) {
      continue;
    }
    if (const auto seq = visibility_.not_after(place, last)) {
      events.push_back({EventKind::ConnectionClosed,
                        *seq,
                        last,
                        ConnectionFacts{event_snapshot,
                                        indices[at],
                                        directions.find(socket, connections[at].seen.first),
                                        connections[at].seen}});
    }
  }
}

bool ConnectionEvents::next(std::vector<TimelineEvent>& events) {
  if (!windows_.next()) {
    return false;
  }
  const Connections connections = find_new();
  std::vector<RowId> processes;
  for (const Connection& connection : connections) {
    for (const Holding& holding : connection.thing->holdings) {
      processes.push_back(holding.process);
    }
  }
  reader_.forget_processes(windows_.window().first);
  reader_.load_processes(std::move(processes));
  learn_listeners(connections);
  std::map<Seq, Connections> begins;
  for (const Connection& connection : connections) {
    begins[std::max(connection.seen.first, reading_.range.first)].push_back(connection);
  }
  std::map<Seq, Connections> ends;
  for (const auto& [seq, begun] : begins) {
    for (const Connection& connection : open(seq, begun, events)) {
      if (connection.seen.last < reading_.range.last) {
        ends[connection.seen.last].push_back(connection);
      }
    }
  }
  for (const auto& [last, ended] : ends) {
    close(last, ended, events);
  }
  return true;
}

}  // namespace sockwitness::query
