#include "query/read/timeline_reader.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "query/analysis/history/chronicle_events.h"
#include "query/read/baseline_events.h"
#include "query/read/connection_events.h"
#include "query/read/listener_events.h"
#include "query/read/place_gaps.h"
#include "query/read/process_events.h"
#include "query/read/program_events.h"
#include "query/read/search.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;
using schema::SocketState;

// Within one snapshot: what the machine did, then what began, from the inside to the outside, then
// what ended, the other way round.
int rank_of(EventKind kind) {
  switch (kind) {
    case EventKind::ProcessPresent:
    case EventKind::ProcessStarted:
    case EventKind::ProcessExec:
      return 2;
    case EventKind::ProgramChanged:
      return 1;
    case EventKind::ListenerPresent:
    case EventKind::ListenerAppeared:
    case EventKind::ListenerRestarted:
    case EventKind::OwnerChanged:
    case EventKind::ExposureWidened:
    case EventKind::ExposureNarrowed:
    case EventKind::ForwardingChanged:
      return 3;
    case EventKind::ConnectionPresent:
    case EventKind::ConnectionOpened:
      return 4;
    case EventKind::ConnectionClosed:
      return 5;
    case EventKind::ListenerVanished:
      return 6;
    case EventKind::ProcessEnded:
      return 7;
    default:
      return 0;
  }
}

// What tells apart two events of one kind in one snapshot, whatever window they came from.
struct Subject {
  const schema::Socket* socket = nullptr;
  const schema::Process* process = nullptr;
  std::string_view netns;
};

Subject find_subject(const TimelineEvent& event) {
  const auto of_socket = [](const SharedEventSnapshot& event_snapshot, schema::SocketIndex index) {
    const schema::SnapshotView& view = event_snapshot->view();
    const schema::Socket& socket = view.socket(index);
    return Subject{&socket, nullptr, view.netns_label(socket.netns)};
  };
  if (const auto* listener = std::get_if<ListenerFacts>(&event.what)) {
    return of_socket(listener->event_snapshot, listener->socket);
  }
  if (const auto* connection = std::get_if<ConnectionFacts>(&event.what)) {
    return of_socket(connection->event_snapshot, connection->socket);
  }
  if (const auto* process = std::get_if<ProcessFacts>(&event.what)) {
    return {nullptr, &process->event_snapshot->view().process(process->process), {}};
  }
  return {};
}

bool precedes(const TimelineEvent& left, const TimelineEvent& right) {
  const Subject one = find_subject(left);
  const Subject other = find_subject(right);
  if (one.socket != nullptr && other.socket != nullptr) {
    const auto key = [](const Subject& subject) {
      const schema::Socket& socket = *subject.socket;
      return std::tie(subject.netns,
                      socket.protocol,
                      socket.family,
                      socket.local_address,
                      socket.local_port,
                      socket.remote_address,
                      socket.remote_port,
                      socket.name,
                      socket.cookie,
                      socket.inode);
    };
    return key(one) < key(other);
  }
  if (one.process != nullptr && other.process != nullptr) {
    return std::tie(one.process->start, one.process->pid) <
           std::tie(other.process->start, other.process->pid);
  }
  return false;
}

class Merger {
 public:
  Merger(const VisitEvent& visit, const EventKinds& kinds) : visit_(visit), kinds_(kinds) {}

  void add(std::vector<TimelineEvent> events) {
    for (TimelineEvent& event : events) {
      if (kinds_.contains(event.kind)) {
        const Seq seq = event.seq.value_or(Seq(INT64_MAX));
        waiting_[{seq, rank_of(event.kind)}].push_back(std::move(event));
      }
    }
  }

  // Hands out what happened up to this snapshot.
  void flush(Seq until) {
    while (!waiting_.empty() && waiting_.begin()->first.first <= until) {
      auto events = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      std::stable_sort(events.begin(), events.end(), precedes);
      for (const TimelineEvent& event : events) {
        visit_(event);
      }
    }
  }

 private:
  const VisitEvent& visit_;
  const EventKinds& kinds_;
  std::map<std::pair<Seq, int>, std::vector<TimelineEvent>> waiting_;
};

// The same gap, whatever its extent.
bool same_spot(const CoverageGap& left, const CoverageGap& right) {
  schema::Gap other = *right.gap;
  other.count = left.gap->count;
  other.netns = left.gap->netns;
  return *left.gap == other && left.netns == right.netns;
}

// A gap that grows or shrinks from one snapshot to the next is an event for the difference.
std::vector<TimelineEvent> view_events(const Reading& reading) {
  std::vector<CoverageGap> begun;
  std::vector<CoverageGap> ended;
  for (const CoverageGap& gap : find_place_gaps(reading.contexts)) {
    if (gap.snapshots.first > reading.range.first) {
      begun.push_back(gap);
    }
    if (gap.snapshots.last < reading.range.last) {
      ended.push_back(gap);
    }
  }
  std::vector<TimelineEvent> events;
  for (const CoverageGap& gap : ended) {
    const Seq next(gap.snapshots.last.value() + 1);
    const auto follower = std::find_if(begun.begin(), begun.end(), [&](const CoverageGap& other) {
      return other.snapshots.first == next && same_spot(gap, other);
    });
    if (follower == begun.end()) {
      events.push_back({EventKind::ViewRegained, next, gap.snapshots.last, gap});
      continue;
    }
    const bool fewer = follower->gap->count < gap.gap->count;
    CoverageGap rest = fewer ? gap : *follower;
    rest.gap->count =
        fewer ? gap.gap->count - follower->gap->count : follower->gap->count - gap.gap->count;
    begun.erase(follower);
    if (rest.gap->count > 0) {
      events.push_back({fewer ? EventKind::ViewRegained : EventKind::ViewLost,
                        next,
                        gap.snapshots.last,
                        std::move(rest)});
    }
  }
  for (const CoverageGap& gap : begun) {
    const Seq first = gap.snapshots.first;
    events.push_back({EventKind::ViewLost, first, Seq(first.value() - 1), gap});
  }
  return events;
}

// Those states of the filter, or of `all` without any, that are among `all`.
StateSet states_among(const Filter& filter, const StateSet& all) {
  if (!filter.states) {
    return all;
  }
  StateSet both;
  std::set_intersection(filter.states->begin(),
                        filter.states->end(),
                        all.begin(),
                        all.end(),
                        std::inserter(both, both.begin()));
  return both;
}

bool asks_for_remote(const Filter& filter) {
  return !filter.remote.empty();
}

// Processes that held a socket which the filter may mean, ascending.
std::vector<RowId> find_holders(const Reading& reading, Search& search, const Filter& filter) {
  VersionReader reader(reading.database, reading.range, reading.latest);
  std::vector<RowId> processes;
  const std::vector<RowId> sockets = search.find_sockets(filter);
  constexpr std::size_t kPiece = 4096;
  for (std::size_t first = 0; first < sockets.size(); first += kPiece) {
    const std::size_t last = std::min(sockets.size(), first + kPiece);
    const std::vector<RowId> piece(sockets.begin() + static_cast<std::ptrdiff_t>(first),
                                   sockets.begin() + static_cast<std::ptrdiff_t>(last));
    for (const SocketHistory& thing : reader.read_sockets(piece)) {
      for (const Holding& holding : thing.holdings) {
        processes.push_back(holding.process);
      }
    }
    std::sort(processes.begin(), processes.end());
    processes.erase(std::unique(processes.begin(), processes.end()), processes.end());
  }
  return processes;
}

Filter of_holders(const Filter& filter) {
  Filter part;
  part.breadth = filter.breadth;
  part.pids = filter.pids;
  part.programs = filter.programs;
  part.users = filter.users;
  part.units = filter.units;
  part.containers = filter.containers;
  return part;
}

std::vector<std::unique_ptr<EventSource>> open_sources(const Reading& reading,
                                                       const TimelineQuestion& question) {
  std::vector<std::unique_ptr<EventSource>> sources;
  Search search(reading);
  const Filter& filter = question.filter;
  Filter listeners = filter;
  const StateSet waiting =
      states_among(filter, {SocketState::Listen, SocketState::Unconnected, SocketState::Forward});
  if (filter.states) {
    listeners.states = waiting;
  } else {
    listeners.breadth = Breadth::Listening;
  }
  if (any_of_group(question.kinds, "listener") && !waiting.empty() && !asks_for_remote(filter)) {
    sources.push_back(std::make_unique<ListenerEvents>(
        reading,
        listeners,
        search.find_sockets(without_holders(listeners)),
        asks_for_ends(filter) ? ListenerTimeline::Chosen::Take : ListenerTimeline::Chosen::Leave));
  }
  Filter connections = filter;
  connections.states = states_among(filter, parse_state_set("connected").value());
  if (any_of_group(question.kinds, "connection") && !connections.states->empty() &&
      filter.breadth != Breadth::Listening) {
    sources.push_back(
        std::make_unique<ConnectionEvents>(reading, connections, search.find_sockets(connections)));
  }
  if (any_of_group(question.kinds, "process")) {
    sources.push_back(
        asks_for_ends(filter)
            ? std::make_unique<ProcessEvents>(
                  reading, of_holders(filter), find_holders(reading, search, filter))
            : std::make_unique<ProcessEvents>(reading, filter, search.find_processes(filter)));
  }
  return sources;
}

}  // namespace

void read_timeline(const Reading& reading,
                   const TimelineQuestion& question,
                   const VisitEvent& visit) {
  Merger merger(visit, question.kinds);
  merger.add(chronicle_events(reading.moments, question.chronicle, reading.range));
  merger.add(view_events(reading));
  if (any_of_group(question.kinds, "baseline")) {
    merger.add(read_baseline_events(reading));
  }
  if (any_of_group(question.kinds, "program")) {
    merger.add(read_program_events(reading, question.filter));
  }
  struct Teller {
    std::unique_ptr<EventSource> source;
    Seq until;  // all its events up to here were returned
  };
  std::vector<Teller> tellers;
  for (auto& source : open_sources(reading, question)) {
    tellers.push_back({std::move(source), Seq(0)});
  }
  while (!tellers.empty()) {
    const auto behind = std::min_element(
        tellers.begin(), tellers.end(), [](const Teller& left, const Teller& right) {
          return left.until < right.until;
        });
    std::vector<TimelineEvent> events;
    if (behind->source->next(events)) {
      behind->until = behind->source->until();
      merger.add(std::move(events));
    } else {
      tellers.erase(behind);
      continue;
    }
    const auto slowest = std::min_element(
        tellers.begin(), tellers.end(), [](const Teller& left, const Teller& right) {
          return left.until < right.until;
        });
    merger.flush(slowest->until);
  }
  merger.flush(Seq(INT64_MAX));
}

}  // namespace sockwitness::query
