// From one snapshot to the next: which sockets, processes and gaps began, ended or changed.
//
// In:    made by query/read, snapshot by snapshot.
// Out:   two parts of snapshots, the things of either side in them, and which belong together.
// Never: what stayed as it was: the parts are not to be counted or compared as a whole.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "schema/model/snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// Nothing before: it began. Nothing now: it ended. Both: its fields or its holders changed.
struct SocketTurn {
  std::optional<schema::SocketIndex> before;     // in `seen`, or in Turn::before
  std::optional<schema::SocketIndex> now;        // in Turn::now
  std::shared_ptr<const schema::Snapshot> seen;  // an earlier one that saw it last; else null
};

struct ProcessTurn {
  std::optional<schema::ProcessIndex> before;
  std::optional<schema::ProcessIndex> now;
  std::shared_ptr<const schema::Snapshot> seen;
};

struct Turn {
  // As the snapshot before the turn saw them, and as this one does. Holders, programs, users and
  // namespaces are there for all sockets and processes in them.
  schema::Snapshot before;
  schema::Snapshot now;
  bool whole = false;  // the begin of a stretch: all that lives is in `now`, `before` is empty
  std::vector<SocketTurn> sockets;
  std::vector<ProcessTurn> processes;
  std::vector<schema::Gap> gaps_begun;  // their netns refers to `now`
  std::vector<schema::Gap> gaps_ended;  // their netns refers to `before`

  [[nodiscard]] schema::Seq seq() const { return now.seq.value_or(schema::Seq(0)); }
};

}  // namespace sockwitness::query
