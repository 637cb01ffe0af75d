// One run of the recorder: lock, look, write.
//
// In:    the path of the database, the note.
// Out:   the snapshot that was written, or that another run was under way.
// Never: waits for what hangs on the host; two at once on one database; a run that gave nothing is
// noted for the next one to record.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "recorder/observe/hangs.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/base/held_signals.h"

namespace sockwitness::recorder {

struct RunRequest {
  std::string database;
  bool make_directory = false;  // the usual place: its directory is ours to make
  std::string note;
  std::uint32_t late_turns = 0;  // turns of a loop that were left out before this one
  std::optional<std::chrono::microseconds> every;  // the loop's interval; nothing: a single run
  const schema::HeldSignals* stop = nullptr;       // obeyed until the writing begins
};

struct RunOutcome {
  // Nothing: skipped, another run holds the lock.
  std::optional<WrittenSnapshot> written;
  std::vector<schema::Gap> gaps;  // of the snapshot
  std::vector<Hang> hangs;        // readings, of this run and earlier ones, that still wait
};

// Throws schema::Error; the failure is noted beside the database where that is possible.
[[nodiscard]] RunOutcome run_once(const RunRequest& request);

}  // namespace sockwitness::recorder
