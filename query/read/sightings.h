// Looks for what a filter means through a stretch of snapshots, and tells what each of them shows.
//
// In:    an open database, a filter.
// Out:   sightings in order, without holes, each with the sockets or processes that were meant.
// Never: calls something unseen where its holders could not be seen.
#pragma once

#include <functional>
#include <set>

#include "query/analysis/filter.h"
#include "query/analysis/moments.h"
#include "query/analysis/when.h"
#include "query/read/life_reader.h"
#include "query/read/reading.h"
#include "query/read/search.h"
#include "query/read/sweep.h"

namespace sockwitness::query {

using VisitSighting = std::function<void(Sighting, const SeenThings&)>;

// Window by window: a year of sightings never has to be in memory at once.
class SocketSightings {
 public:
  SocketSightings(const Reading& reading, const Filter& filter);
  // `origins` of the sockets to look at, ascending.
  SocketSightings(const Reading& reading, const Filter& filter, std::vector<schema::RowId> origins);

  SocketSightings(const SocketSightings&) = delete;
  SocketSightings& operator=(const SocketSightings&) = delete;
  ~SocketSightings() = default;

  // False when there is no more of the stretch.
  bool next(const VisitSighting& visit);
  // The last snapshot that was visited. Precondition: next() returned true.
  [[nodiscard]] schema::Seq until() const { return sweep_.window().last; }

 private:
  void look(schema::SeqRange snapshots,
            const std::vector<const SocketLife*>& lives,
            const VisitSighting& visit);
  [[nodiscard]] bool was_seen(const Identity& identity,
                              const schema::SnapshotView& view,
                              schema::SocketIndex index);

  Reading reading_;
  Filter filter_;
  LifeReader reader_;
  Sweep<SocketLife> sweep_;
  std::set<Identity> seen_;  // sockets that wait for datagrams
};

class SightingReader {
 public:
  // `moments` are those of the stretch at least. All must outlive this object.
  SightingReader(History& history,
                 const Moments& moments,
                 schema::SeqRange stretch,
                 schema::Seq latest,
                 const Tick& tick);

  void visit_sockets(const Filter& filter, const VisitSighting& visit);
  // By what the filter says of holders.
  void visit_processes(const Filter& filter, const VisitSighting& visit);

 private:
  Surroundings around_;
  Reading reading_;
};

}  // namespace sockwitness::query
