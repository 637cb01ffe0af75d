// One recorder at a time, and an account of the runs that gave nothing.
//
// In:    the path of the database; the file "<path>.lock" beside it.
// Out:   the lock for the life of the object; notes of missed runs that the next successful run
// turns into records. Never: waits for another run, or needs disk space to note a missed run: the
// file keeps its size, so that a full disk
//        can be noted too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/os/unique_fd.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

class RunLock {
 public:
  // Nothing: another run holds it. Throws schema::Error when the file cannot be made or opened.
  [[nodiscard]] static std::optional<RunLock> try_acquire(const std::string& database_path);

  // Notes of runs that gave nothing since the last take. The notes stay until forget_missed().
  [[nodiscard]] std::vector<schema::MissedRun> read_missed() const;
  // Called once they are recorded.
  void forget_missed(std::size_t count) const;

 private:
  explicit RunLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// Adds a note without holding the lock. Best effort: false when the file cannot be written either.
bool note_missed_run(const std::string& database_path, const schema::MissedRun& run);

}  // namespace sockwitness::recorder
