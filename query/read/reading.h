// What all the readers of one question share.
//
// In:    an open history, the stretch of snapshots that is asked about.
// Out:   references to what all its readers need; the objects must outlive the readers.
// Never: owns an object, or changes one.
#pragma once

#include "query/analysis/moments.h"
#include "query/read/on_progress.h"
#include "query/read/snapshot_contexts.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

struct Reading {
  schema::Database& database;        // of readers of this folder only
  const Moments& moments;            // of the stretch at least
  const SnapshotContexts& contexts;  // of the stretch
  schema::SeqRange stretch;
  schema::Seq latest;  // the last snapshot of the history
  const OnProgress& on_progress;
};

[[nodiscard]] Reading reading_of(History& history,
                                 const Moments& moments,
                                 const SnapshotContexts& contexts,
                                 schema::SeqRange stretch,
                                 schema::Seq latest,
                                 const OnProgress& on_progress);

}  // namespace sockwitness::query
