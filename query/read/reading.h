// What all readers of one question share.
//
// In:    an open history, the range of snapshots that is asked about.
// Out:   references to what the readers need; the objects must outlive the readers.
// Never: owns or changes one of the objects.
#pragma once

#include "query/analysis/history/moments.h"
#include "query/read/on_progress.h"
#include "query/read/snapshot_contexts.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

struct Reading {
  schema::Database& database;        // of readers of this folder only
  const Moments& moments;            // of the range at least
  const SnapshotContexts& contexts;  // of the range
  schema::SeqRange range;
  schema::Seq latest;  // the last snapshot of the history
  const OnProgress& on_progress;
};

[[nodiscard]] Reading reading_of(History& history,
                                 const Moments& moments,
                                 const SnapshotContexts& contexts,
                                 schema::SeqRange range,
                                 schema::Seq latest,
                                 const OnProgress& on_progress);

}  // namespace sockwitness::query
