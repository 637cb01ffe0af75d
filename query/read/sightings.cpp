#include "query/read/sightings.h"

#include <algorithm>

#include "query/read/change_points.h"
#include "query/read/partial_snapshot.h"
#include "query/read/sweep.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;
using schema::SeqRange;

Place place_of(const schema::SnapshotView& view, const schema::Socket& socket) {
  return {schema::Endpoint{std::string(view.netns_label(socket.netns)),
                           socket.protocol,
                           socket.family,
                           socket.local_address,
                           socket.local_port,
                           socket.name},
          std::nullopt};
}

std::shared_ptr<const schema::ServiceSet> looked_at(const schema::Snapshot& snapshot) {
  auto view = std::make_shared<schema::ServiceSet>();
  view->namespaces = snapshot.namespaces;
  view->gaps = snapshot.gaps;
  view->as_of = snapshot.begin.wall;
  return view;
}

bool is_unreadable(const schema::Process& process) {
  return !process.program && !process.kernel_thread && !process.zombie;
}

// Its holder is out of sight, or what he runs: nobody can say that it is not what was meant.
bool owners_unseen(const schema::SnapshotView& view, schema::SocketIndex index) {
  using schema::NoHolderReason;
  const auto holders = view.holders(index);
  if (holders.empty()) {
    const NoHolderReason reason = view.socket(index).no_holder;
    return reason == NoHolderReason::Permission || reason == NoHolderReason::Exited ||
           reason == NoHolderReason::OtherPidNamespace;
  }
  return std::any_of(holders.begin(), holders.end(), [&](const schema::Holder& holder) {
    return is_unreadable(view.process(holder.process));
  });
}

}  // namespace

SightingReader::SightingReader(schema::Database& database,
                               const Moments& moments,
                               SeqRange stretch,
                               Seq latest,
                               const Tick& tick)
    : database_(database),
      moments_(moments),
      stretch_(stretch),
      latest_(latest),
      tick_(tick),
      around_(database, stretch, latest, Surroundings::Gaps::OfSockets) {
}

void SightingReader::visit_sockets(const Filter& filter, const VisitSighting& visit) {
  Search search(database_, around_, stretch_, tick_);
  LifeReader reader(database_, stretch_, latest_);
  Sweep<SocketLife> sweep(
      database_,
      schema::Entity::Socket,
      stretch_,
      search.find_sockets(filter),
      [&](const std::vector<RowId>& origins) { return reader.read_sockets(origins); },
      tick_);
  const bool by_owner = asks_for_holders(filter);
  const auto look = [&](SeqRange snapshots, const std::vector<const SocketLife*>& lives) {
    PartialSnapshot partial(moments_, around_, reader, snapshots.first);
    std::vector<std::pair<schema::SocketIndex, RowId>> added;
    for (const SocketLife* life : lives) {
      if (const auto index = partial.add(*life)) {
        added.emplace_back(*index, life->origin);
      }
    }
    const schema::SnapshotView view(partial.snapshot());
    SeenThings things{view, {}, {}, {}, {}};
    Sighting sighting{snapshots, {}, {}, looked_at(partial.snapshot())};
    for (const auto& [index, origin] : added) {
      if (matches(filter, view, index)) {
        things.sockets.push_back(index);
        things.socket_identities.push_back(origin);
        sighting.places.push_back(place_of(view, view.socket(index)));
      } else if (by_owner && socket_fits(filter, view.socket(index)) &&
                 owners_unseen(view, index)) {
        sighting.doubtful.push_back(place_of(view, view.socket(index)));
      }
    }
    things.identities = things.socket_identities;
    std::sort(things.identities.begin(), things.identities.end());
    visit(std::move(sighting), things);
  };
  while (sweep.next()) {
    std::vector<RowId> processes;
    for (const SocketLife& life : sweep.lives()) {
      for (const Holding& holding : life.holdings) {
        processes.push_back(holding.process);
      }
    }
    reader.forget_processes(sweep.window().first);
    reader.load_processes(std::move(processes));
    std::vector<Seq> changes = around_.changes();
    for (const SocketLife& life : sweep.lives()) {
      add_changes(life, reader, changes);
    }
    order_changes(changes, sweep.window());
    visit_stretches(sweep.lives(), sweep.window(), changes, look);
  }
}

void SightingReader::visit_processes(const Filter& filter, const VisitSighting& visit) {
  Search search(database_, around_, stretch_, tick_);
  LifeReader reader(database_, stretch_, latest_);
  Sweep<ProcessLife> sweep(
      database_,
      schema::Entity::Process,
      stretch_,
      search.find_processes(filter),
      [&](const std::vector<RowId>& origins) { return reader.read_processes(origins); },
      tick_);
  Filter but_program = filter;
  but_program.programs.clear();
  const auto look = [&](SeqRange snapshots, const std::vector<const ProcessLife*>& lives) {
    PartialSnapshot partial(moments_, around_, reader, snapshots.first);
    std::vector<std::pair<schema::ProcessIndex, RowId>> added;
    for (const ProcessLife* life : lives) {
      if (const auto index = partial.add(*life)) {
        added.emplace_back(*index, life->origin);
      }
    }
    const schema::SnapshotView view(partial.snapshot());
    SeenThings things{view, {}, {}, {}, {}};
    Sighting sighting{snapshots, {}, {}, looked_at(partial.snapshot())};
    for (const auto& [index, origin] : added) {
      const schema::Process& process = view.process(index);
      if (matches(filter, view, process)) {
        things.processes.push_back(index);
        things.identities.push_back(origin);
        sighting.places.push_back({std::nullopt, process.pid});
      } else if (is_unreadable(process) && matches(but_program, view, process)) {
        sighting.doubtful.push_back({std::nullopt, process.pid});
      }
    }
    std::sort(things.identities.begin(), things.identities.end());
    visit(std::move(sighting), things);
  };
  while (sweep.next()) {
    std::vector<Seq> changes = around_.changes();
    for (const ProcessLife& life : sweep.lives()) {
      add_changes(life, changes);
    }
    order_changes(changes, sweep.window());
    visit_stretches(sweep.lives(), sweep.window(), changes, look);
  }
}

}  // namespace sockwitness::query
