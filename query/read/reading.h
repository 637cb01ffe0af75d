// What all the readers of one question share.
//
// In:    an open database, the stretch of snapshots that is asked about.
// Out:   references; everything must outlive whoever is handed them.
// Never: owned.
#pragma once

#include "query/analysis/moments.h"
#include "query/read/surroundings.h"
#include "query/read/tick.h"

namespace sockwitness::query {

struct Reading {
  schema::Database& database;
  const Moments& moments;      // of the stretch at least
  const Surroundings& around;  // of the stretch
  schema::SeqRange stretch;
  schema::Seq latest;  // the last snapshot of the history
  const Tick& tick;
};

}  // namespace sockwitness::query
