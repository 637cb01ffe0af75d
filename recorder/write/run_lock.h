// One recorder at a time, and an account of the runs that gave nothing.
//
// In:    the path of the database; the file "<path>.lock" beside it.
// Out:   the lock for the life of the object; notes of missed runs that the next successful run
//        turns into records; the last commit, known apart from the database.
// Never: waits for another run, or needs disk space to note a missed run: the file keeps its size,
//        so that a full disk can be noted too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/os/unique_fd.h"
#include "recorder/write/lock_text.h"
#include "schema/disk/commit_note.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

class RunLock {
 public:
  // Nothing: another run holds it. Throws schema::Error when the file cannot be made or opened.
  [[nodiscard]] static std::optional<RunLock> try_acquire(const std::string& database_path);

  // Notes of runs that gave nothing since the last take. The notes stay until settle().
  [[nodiscard]] std::vector<schema::MissedRun> read_missed() const;
  // Nothing: none is known.
  [[nodiscard]] std::optional<CommitNote> read_commit() const;
  // Called before a run writes to a database that ends with this commit: a journal is its own now.
  void begin_writing(const std::optional<schema::LastCommit>& committed) const;
  // Called after a commit: what is the last one now, and how many of the notes are recorded.
  void settle(const std::optional<schema::LastCommit>& committed, std::size_t runs) const;

 private:
  void write_commit(const std::optional<CommitNote>& note, std::size_t runs) const;
  explicit RunLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// Adds a note without holding the lock. Best effort: false when the file cannot be written either;
// throws as try_acquire does when it is not a lock file of ours.
bool note_missed_run(const std::string& database_path, const schema::MissedRun& run);

}  // namespace sockwitness::recorder
