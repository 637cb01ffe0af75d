// Looks for what a filter means through a stretch of snapshots, and tells what each of them shows.
//
// In:    an open database, a filter.
// Out:   sightings in order, without holes, each with the sockets or processes that were meant.
// Never: calls something unseen where its holders could not be seen.
#pragma once

#include <functional>

#include "query/analysis/filter.h"
#include "query/analysis/moments.h"
#include "query/analysis/when.h"
#include "query/read/search.h"

namespace sockwitness::query {

using VisitSighting = std::function<void(Sighting, const SeenThings&)>;

class SightingReader {
 public:
  // `moments` are those of the stretch at least. All must outlive this object.
  SightingReader(schema::Database& database,
                 const Moments& moments,
                 schema::SeqRange stretch,
                 schema::Seq latest,
                 const Tick& tick);

  void visit_sockets(const Filter& filter, const VisitSighting& visit);
  // By what the filter says of holders.
  void visit_processes(const Filter& filter, const VisitSighting& visit);

 private:
  schema::Database& database_;
  const Moments& moments_;
  schema::SeqRange stretch_;
  schema::Seq latest_;
  const Tick& tick_;
  Surroundings around_;
};

}  // namespace sockwitness::query
