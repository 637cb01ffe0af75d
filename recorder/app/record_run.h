// One run of the recorder: lock, look, write.
//
// In:    the path of the database, the note.
// Out:   the snapshot that was written, or where it waits, or that another run was under way.
// Never: waits for what hangs on the host; two at once on one database; a run that gives nothing is
//        noted for the next one to record, or its message says that it could not be.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "recorder/app/defer.h"
#include "recorder/observe/hangs.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/chain/anchor.h"
#include "schema/program/held_signals.h"

namespace sockwitness::recorder {

struct RunRequest {
  std::string database;
  bool make_directory = false;  // the usual place: its directory is ours to make
  std::string note;
  std::uint32_t late_turns = 0;  // turns of a loop that were left out before this one
  std::optional<std::chrono::microseconds> every;  // the loop's interval; nothing: a single run
  const schema::HeldSignals* stop = nullptr;       // obeyed until the writing begins
  std::string mask = {};  // rules for secrets among arguments; empty: the usual file; "off": none
  bool is_last = false;   // the program ends after it: memory need not be given back piece by piece
};

struct RunOutcome {
  // Nothing: deferred; or skipped, another run holds the lock.
  std::optional<WrittenSnapshot> written;
  std::optional<Deferred> deferred;     // where the snapshot waits, and for what
  std::vector<schema::Anchor> anchors;  // of the records that were committed
  std::uint32_t taken_in = 0;           // snapshots that had waited and are written now
  schema::WallTime began;
  std::optional<schema::WallTime> other_began;  // skipped: when that run began, if it says so
  std::vector<schema::Gap> gaps;                // of the snapshot
  std::vector<Hang> hangs;  // readings, of this run and earlier ones, that still wait
};

// Throws schema::Error, or std::bad_alloc where there is no memory for one: NotedOutOfMemory when
// the run is accounted for all the same.
[[nodiscard]] RunOutcome run_once(const RunRequest& request);

}  // namespace sockwitness::recorder
