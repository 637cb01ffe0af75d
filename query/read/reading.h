// What all the readers of one question share.
//
// In:    an open history, the stretch of snapshots that is asked about.
// Out:   references; everything must outlive whoever is handed them.
// Never: owned.
#pragma once

#include "query/analysis/moments.h"
#include "query/read/surroundings.h"
#include "query/read/tick.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

struct Reading {
  schema::Database& database;  // of readers of this folder only
  const Moments& moments;      // of the stretch at least
  const Surroundings& around;  // of the stretch
  schema::SeqRange stretch;
  schema::Seq latest;  // the last snapshot of the history
  const Tick& tick;
};

[[nodiscard]] Reading reading_of(History& history,
                                 const Moments& moments,
                                 const Surroundings& around,
                                 schema::SeqRange stretch,
                                 schema::Seq latest,
                                 const Tick& tick);

}  // namespace sockwitness::query
