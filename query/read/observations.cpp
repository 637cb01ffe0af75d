#include "query/read/observations.h"

#include <algorithm>

#include "query/read/change_points.h"
#include "query/read/history_database.h"
#include "query/read/identities.h"
#include "query/read/version_snapshot.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;
using schema::SeqRange;

// Something that a filter may ask for could not be read.
bool is_unreadable(const schema::Process& process) {
  using schema::Part;
  return (!process.program && !process.kernel_thread && !process.zombie) ||
         process.unread.contains(Part::Ids) || process.unread.contains(Part::Script) ||
         process.unread.contains(Part::ControlGroup) || process.unread.contains(Part::Program);
}

// What is left to ask of it.
Filter without_unread(Filter filter, const schema::Process& process) {
  using schema::Part;
  if (!process.program || process.unread.contains(Part::Script)) {
    filter.programs.clear();
  }
  if (process.unread.contains(Part::Ids)) {
    filter.users.clear();
  }
  if (process.unread.contains(Part::ControlGroup)) {
    filter.units.clear();
    filter.containers.clear();
  }
  return filter;
}

// Its holder is hidden, or its program: it may be what the filter means.
bool owners_unseen(const schema::SnapshotView& view, schema::SocketIndex index) {
  using schema::NoHolderReason;
  const auto holders = view.holders(index);
  if (holders.empty()) {
    const NoHolderReason reason = view.socket(index).no_holder;
    return reason == NoHolderReason::Permission || reason == NoHolderReason::Unread ||
           reason == NoHolderReason::Exited || reason == NoHolderReason::OtherPidNamespace;
  }
  return std::any_of(holders.begin(), holders.end(), [&](const schema::Holder& holder) {
    return is_unreadable(view.process(holder.process));
  });
}

std::vector<RowId> find_sockets(const Reading& reading, const Filter& filter) {
  Search search(reading);
  return search.find_sockets(filter);
}

}  // namespace

SocketObservations::SocketObservations(const Reading& reading, const Filter& filter)
    : SocketObservations(reading, filter, find_sockets(reading, filter)) {
}

SocketObservations::SocketObservations(const Reading& reading,
                                       const Filter& filter,
                                       std::vector<RowId> origins)
    : reading_(reading),
      filter_(filter),
      reader_(reading.database, reading.range, reading.latest),
      windows_(reading,
               schema::Entity::Socket,
               std::move(origins),
               [this](const std::vector<RowId>& wanted) { return reader_.read_sockets(wanted); }) {
}

// It has another history of rows when a gap hid it meanwhile.
bool SocketObservations::was_seen(const Identity& identity,
                                  const schema::SnapshotView& view,
                                  schema::SocketIndex index) {
  return view.socket(index).state == schema::SocketState::Unconnected &&
         !seen_.insert(identity).second;
}

void SocketObservations::observe(SeqRange snapshots,
                                 const std::vector<const SocketHistory*>& histories,
                                 const VisitObservation& visit) {
  VersionSnapshot partial(reading_.moments, reading_.contexts, reader_, snapshots.first);
  std::vector<std::pair<schema::SocketIndex, const SocketHistory*>> added;
  for (const SocketHistory* history : histories) {
    if (const auto index = partial.add(*history)) {
      added.emplace_back(*index, history);
    }
  }
  const auto event_snapshot = std::make_shared<const EventSnapshot>(partial.take());
  const schema::SnapshotView& view = event_snapshot->view();
  ObservedThings things{.event_snapshot = event_snapshot,
                        .view = view,
                        .sockets = {},
                        .processes = {},
                        .socket_identities = {},
                        .brief = {},
                        .identities = {}};
  Observation observation{snapshots, {}, {}, schema::visibility_of(event_snapshot->snapshot())};
  const bool by_owner = asks_for_holders(filter_);
  const std::uint32_t boot = boot_of(reading_.moments, snapshots.first);
  for (const auto& [index, history] : added) {
    if (matches(filter_, view, index)) {
      things.sockets.push_back(index);
      things.socket_identities.push_back(identity_of(boot, view, index));
      const bool seen = was_seen(things.socket_identities.back(), view, index);
      things.brief.push_back(!seen && history->seen().first == history->seen().last);
      observation.places.push_back(place_of(view, index));
    } else if (by_owner && socket_fits(filter_, view.socket(index)) && owners_unseen(view, index)) {
      observation.doubtful.push_back(place_of(view, index));
    }
  }
  things.identities = things.socket_identities;
  std::sort(things.identities.begin(), things.identities.end());
  visit(std::move(observation), things);
}

bool SocketObservations::next(const VisitObservation& visit) {
  if (!windows_.next()) {
    return false;
  }
  std::vector<RowId> processes;
  for (const SocketHistory& thing : windows_.things()) {
    for (const Holding& holding : thing.holdings) {
      processes.push_back(holding.process);
    }
  }
  reader_.forget_processes(windows_.window().first);
  reader_.load_processes(std::move(processes));
  std::vector<Seq> changes = reading_.contexts.changes();
  for (const SocketHistory& thing : windows_.things()) {
    add_changes(thing, reader_, changes);
  }
  order_changes(changes, windows_.window());
  visit_ranges(windows_.things(),
               windows_.window(),
               changes,
               [&](SeqRange snapshots, const std::vector<const SocketHistory*>& histories) {
                 observe(snapshots, histories, visit);
               });
  return true;
}

ObservationReader::ObservationReader(History& history,
                                     const Moments& moments,
                                     SeqRange range,
                                     Seq latest,
                                     const OnProgress& on_progress)
    : contexts_(history, range, latest, SnapshotContexts::Gaps::OfSockets),
      reading_{.database = HistoryDatabase::of(history),
               .moments = moments,
               .contexts = contexts_,
               .range = range,
               .latest = latest,
               .on_progress = on_progress} {
}

void ObservationReader::visit_sockets(const Filter& filter, const VisitObservation& visit) {
  SocketObservations observations(reading_, filter);
  while (observations.next(visit)) {
  }
}

void ObservationReader::visit_processes(const Filter& filter, const VisitObservation& visit) {
  Search search(reading_);
  VersionReader reader(reading_.database, reading_.range, reading_.latest);
  WindowReader<ProcessHistory> windows(
      reading_,
      schema::Entity::Process,
      search.find_processes(filter),
      [&](const std::vector<RowId>& origins) { return reader.read_processes(origins); });
  const auto observe = [&](SeqRange snapshots,
                           const std::vector<const ProcessHistory*>& histories) {
    VersionSnapshot partial(reading_.moments, contexts_, reader, snapshots.first);
    std::vector<schema::ProcessIndex> added;
    for (const ProcessHistory* history : histories) {
      if (const auto index = partial.add(*history)) {
        added.push_back(*index);
      }
    }
    const auto event_snapshot = std::make_shared<const EventSnapshot>(partial.take());
    const schema::SnapshotView& view = event_snapshot->view();
    ObservedThings things{.event_snapshot = event_snapshot,
                          .view = view,
                          .sockets = {},
                          .processes = {},
                          .socket_identities = {},
                          .brief = {},
                          .identities = {}};
    Observation observation{snapshots, {}, {}, schema::visibility_of(event_snapshot->snapshot())};
    const std::uint32_t boot = boot_of(reading_.moments, snapshots.first);
    for (const schema::ProcessIndex index : added) {
      const schema::Process& process = view.process(index);
      if (matches(filter, view, process)) {
        things.processes.push_back(index);
        things.identities.push_back(identity_of(boot, process));
        observation.places.push_back(place_of(process));
      } else if (is_unreadable(process) &&
                 matches(without_unread(filter, process), view, process)) {
        observation.doubtful.push_back(place_of(process));
      }
    }
    std::sort(things.identities.begin(), things.identities.end());
    visit(std::move(observation), things);
  };
  while (windows.next()) {
    std::vector<Seq> changes = contexts_.changes();
    for (const ProcessHistory& thing : windows.things()) {
      add_changes(thing, changes);
    }
    order_changes(changes, windows.window());
    visit_ranges(windows.things(), windows.window(), changes, observe);
  }
}

}  // namespace sockwitness::query
