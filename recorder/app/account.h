// How a run that gives no snapshot is accounted for.
//
// In:    why it gives none, the database, when it began.
// Out:   a note that the next successful run records; what is said of it.
// Never: lets a run go without a word: where nothing can be noted, the message says so.
#pragma once

#include <new>
#include <optional>
#include <string>

#include "recorder/write/run_lock.h"
#include "schema/base/error.h"
#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

// There is no memory, and the run is accounted for.
struct NotedOutOfMemory : std::bad_alloc {};

struct RunAccount {
  std::string database;
  schema::WallTime began;
  std::optional<RunLock> lock = {};            // once it is held
  bool marked = false;                         // the lock file says that this run is under way
  bool safe = false;                           // the snapshot is recorded, or waits
  std::optional<schema::MissedRun> late = {};  // turns of a loop that were left out before it

  // The failure as it is to be reported, after it was noted.
  [[nodiscard]] schema::Error fail(const schema::Error& failure) const;
  // For when there is no memory for that. False: the run is in no account.
  [[nodiscard]] bool fail_without_memory() const noexcept;
  // Another run holds the lock. Throws schema::Error when that cannot be noted.
  void skip() const;
};

// Whether the run that is under way has its mark, for the handler of std::terminate, which is given
// nothing.
[[nodiscard]] bool is_run_marked() noexcept;
void set_run_marked(bool marked) noexcept;

// The hint, and that the run is missing from every account.
[[nodiscard]] schema::Error unaccounted(const schema::Error& failure, const std::string& why);

}  // namespace sockwitness::recorder
