#include "query/read/hour_peers.h"

#include <algorithm>
#include <map>

#include "query/read/history.h"
#include "query/read/reading.h"
#include "query/read/snapshot_contexts.h"
#include "query/read/timeline_reader.h"
#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

PeerWay way_of(const std::optional<schema::Direction>& direction) {
  if (!direction) {
    return PeerWay::Unknown;
  }
  return direction->way == schema::Way::Inbound ? PeerWay::Inbound : PeerWay::Outbound;
}

PeerKey key_of(const ConnectionFacts& facts) {
  const schema::SnapshotView& view = facts.event_snapshot->view();
  const schema::Socket& socket = view.socket(facts.socket);
  PeerKey key;
  key.protocol = socket.protocol;
  key.way = way_of(facts.direction);
  key.guess = facts.direction && facts.direction->evidence == schema::DirectionEvidence::PortRule;
  key.port = key.way == PeerWay::Inbound    ? socket.local_port
             : key.way == PeerWay::Outbound ? socket.remote_port
                                            : std::min(socket.local_port, socket.remote_port);
  key.remote = schema::plain_address(socket.remote_address);
  key.netns = view.netns_label(socket.netns);
  const auto holders = view.holders(facts.socket);
  if (!holders.empty()) {
    const schema::Program* program = view.program(view.process(holders.front().process));
    key.program = program == nullptr ? std::string() : program->path;
  }
  return key;
}

}  // namespace

std::vector<HourPeer> read_hour_peers(History& history,
                                      const Moments& moments,
                                      schema::SeqRange hour,
                                      schema::Seq latest,
                                      const OnProgress& on_progress) {
  std::map<PeerKey, HourPeer> peers;
  history.read([&] {
    const SnapshotContexts contexts(history, hour, latest, SnapshotContexts::Gaps::OfSockets);
    const Reading reading = reading_of(history, moments, contexts, hour, latest, on_progress);
    TimelineQuestion question;
    question.filter.states = parse_state_set("connected");
    question.kinds = {EventKind::ConnectionPresent, EventKind::ConnectionOpened};
    read_timeline(reading, question, [&](const TimelineEvent& event) {
      const auto& facts = std::get<ConnectionFacts>(event.what);
      const schema::Socket& socket = facts.event_snapshot->view().socket(facts.socket);
      if (schema::is_loopback(socket) || !schema::is_inet(socket)) {
        return;
      }
      const schema::SeqRange seen{std::max(facts.seen.first, hour.first),
                                  std::min(facts.seen.last, hour.last)};
      const PeerKey key = key_of(facts);
      HourPeer& peer = peers.try_emplace(key, HourPeer{key, seen, 0}).first->second;
      ++peer.connections;
      peer.seen.first = std::min(peer.seen.first, seen.first);
      peer.seen.last = std::max(peer.seen.last, seen.last);
    });
  });
  std::vector<HourPeer> rows;
  for (auto& [key, peer] : peers) {
    rows.push_back(std::move(peer));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const HourPeer& left, const HourPeer& right) {
    // Outbound peers are few and tell much; inbound peers of a public server may be anybody.
    const bool calls = left.key.way == PeerWay::Outbound;
    const bool right_calls = right.key.way == PeerWay::Outbound;
    return calls != right_calls ? calls : left.connections > right.connections;
  });
  return rows;
}

}  // namespace sockwitness::query
