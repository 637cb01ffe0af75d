// Observations of what a filter matches, for all snapshots of a range.
//
// In:    an open history, a filter.
// Out:   observations in order, without holes, each with the sockets or processes that match.
// Never: "not seen" where the holders that the filter asks for are hidden: such a place is
//        doubtful.
#pragma once

#include <functional>
#include <set>

#include "query/analysis/filter.h"
#include "query/analysis/history/moments.h"
#include "query/analysis/history/when.h"
#include "query/read/reading.h"
#include "query/read/search.h"
#include "query/read/version_reader.h"
#include "query/read/window_reader.h"

namespace sockwitness::query {

using VisitObservation = std::function<void(Observation, const ObservedThings&)>;

// Window by window: a year of observations never has to be in memory at once.
class SocketObservations {
 public:
  SocketObservations(const Reading& reading, const Filter& filter);
  // `origins` of the sockets to read, ascending.
  SocketObservations(const Reading& reading,
                     const Filter& filter,
                     std::vector<schema::RowId> origins);

  SocketObservations(const SocketObservations&) = delete;
  SocketObservations& operator=(const SocketObservations&) = delete;
  ~SocketObservations() = default;

  // False when there is no more of the range.
  bool next(const VisitObservation& visit);
  // The last snapshot that was visited. Precondition: next() returned true.
  [[nodiscard]] schema::Seq until() const { return windows_.window().last; }

 private:
  void observe(schema::SeqRange snapshots,
               const std::vector<const SocketHistory*>& histories,
               const VisitObservation& visit);
  [[nodiscard]] bool was_seen(const Identity& identity,
                              const schema::SnapshotView& view,
                              schema::SocketIndex index);

  Reading reading_;
  Filter filter_;
  VersionReader reader_;
  WindowReader<SocketHistory> windows_;
  std::set<Identity> seen_;  // sockets that wait for datagrams
};

class ObservationReader {
 public:
  // `moments` are those of the range at least. All must outlive this object.
  ObservationReader(History& history,
                    const Moments& moments,
                    schema::SeqRange range,
                    schema::Seq latest,
                    const OnProgress& on_progress);

  void visit_sockets(const Filter& filter, const VisitObservation& visit);
  // By what the filter says of holders.
  void visit_processes(const Filter& filter, const VisitObservation& visit);

 private:
  SnapshotContexts contexts_;
  Reading reading_;
};

}  // namespace sockwitness::query
