#include "query/read/snapshot_events.h"

#include <map>
#include <memory>

#include "query/read/deltas.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;

// The kinds of the events of sockets, or of processes.
struct Kinds {
  EventKind present;
  EventKind begun;
  EventKind changed;
  EventKind ended;
};
constexpr Kinds kOfSockets{EventKind::SocketPresent,
                           EventKind::SocketAppeared,
                           EventKind::SocketChanged,
                           EventKind::SocketVanished};
constexpr Kinds kOfProcesses{EventKind::ProcessPresent,
                             EventKind::ProcessStarted,
                             EventKind::ProcessChanged,
                             EventKind::ProcessEnded};

struct Things {
  std::map<RowId, SocketTransition> sockets;  // by origin
  std::map<RowId, ProcessTransition> processes;
};

// What the snapshot of `part` shows of these things; `side_of` a transition is where it belongs.
template <class SideOf>
SharedEventSnapshot add_side(const LivingRows& living,
                             const LivingRows::Touched& touched,
                             PartialSnapshot part,
                             SideOf side_of,
                             Things& things) {
  std::vector<SharedEventSnapshot*> waiting;  // for the finished part
  const auto add = [&](auto& side, auto index) {
    side.index = index;
    waiting.push_back(&side.event_snapshot);
  };
  for (const RowId origin : touched.sockets) {
    if (living.has_socket(origin)) {
      add(side_of(things.sockets[origin]), living.add_socket(part, origin));
    }
  }
  for (const RowId origin : touched.processes) {
    if (living.has_process(origin)) {
      add(side_of(things.processes[origin]), living.add_process(part, origin));
    }
  }
  const auto event_snapshot = std::make_shared<const EventSnapshot>(part.take());
  for (SharedEventSnapshot* each : waiting) {
    *each = event_snapshot;
  }
  return event_snapshot;
}

template <class Thing>
std::vector<Thing> take_values(std::map<RowId, Thing>& map) {
  std::vector<Thing> values;
  values.reserve(map.size());
  for (auto& [key, value] : map) {
    values.push_back(std::move(value));
  }
  return values;
}

template <class Index>
void add_events(std::vector<Transition<Index>> things,
                const Kinds& kinds,
                Seq seq,
                std::optional<Seq> last,
                std::vector<TimelineEvent>& events) {
  for (Transition<Index>& thing : things) {
    const SharedEventSnapshot& before = thing.before.event_snapshot;
    const EventKind kind = !last                                   ? kinds.present
                           : before == nullptr                     ? kinds.begun
                           : thing.after.event_snapshot == nullptr ? kinds.ended
                                                                   : kinds.changed;
    const auto not_before = before == nullptr ? last : before->snapshot().seq;
    events.push_back({kind, seq, not_before, std::move(thing)});
  }
}

void add_gaps(const SharedEventSnapshot& event_snapshot,
              const std::vector<std::size_t>& positions,
              EventKind kind,
              Seq seq,
              std::optional<Seq> last,
              std::vector<TimelineEvent>& events) {
  for (const std::size_t at : positions) {
    events.push_back({kind, seq, last, GapFacts{event_snapshot, at}});
  }
}

std::vector<RowId> ids_of(const std::vector<schema::GapRow>& rows) {
  std::vector<RowId> ids;
  for (const schema::GapRow& row : rows) {
    ids.push_back(row.id);
  }
  return ids;
}

}  // namespace

SnapshotEvents::SnapshotEvents(History& history, const Moments& moments, schema::SeqRange range)
    : reader_(read_deltas(history)),
      moments_(moments),
      next_(moments.at_or_after(range.first)),
      end_(next_ + moments.count(range.first, range.last)) {
}

bool SnapshotEvents::next(std::vector<TimelineEvent>& events) {
  if (next_ == end_) {
    return false;
  }
  const std::optional<Seq> last = begun_ ? std::optional(until()) : std::nullopt;
  const Seq seq = moments_[next_++].seq;
  begun_ = true;
  const schema::Delta delta = last ? reader_.read_next(seq) : reader_.read_all(seq);
  const LivingRows::Touched touched = living_.find_touched(delta);
  Things things;
  SharedEventSnapshot before;
  std::vector<std::size_t> gaps_ended;
  if (last) {
    before = add_side(
        living_,
        touched,
        living_.begin_part(moments_, *last),
        [](auto& thing) -> auto& { return thing.before; },
        things);
    gaps_ended = living_.gap_positions(delta.ended_of(schema::Entity::Gap));
  }
  living_.apply(delta);
  const SharedEventSnapshot after = add_side(
      living_,
      touched,
      living_.begin_part(moments_, seq),
      [](auto& thing) -> auto& { return thing.after; },
      things);
  auto sockets = take_values(things.sockets);
  auto processes = take_values(things.processes);
  hidden_.keep_back(before, after, sockets, processes);
  events.reserve(events.size() + processes.size() + sockets.size());
  add_events(std::move(processes), kOfProcesses, seq, last, events);
  add_events(std::move(sockets), kOfSockets, seq, last, events);
  add_gaps(before, gaps_ended, EventKind::GapEnded, seq, last, events);
  add_gaps(
      after, living_.gap_positions(ids_of(delta.gaps)), EventKind::GapBegun, seq, last, events);
  return true;
}

}  // namespace sockwitness::query
