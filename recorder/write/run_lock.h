// One recorder at a time, and an account of the runs that gave nothing.
//
// In:    the path of the database; the file "<path>.lock" beside it, and "<path>.missed" where that
//        one could not be used.
// Out:   the lock for the life of the object; notes of missed runs that the next successful run
//        turns into records; the last commit, known apart from the database; a mark of the run that
//        is under way, so that one that is killed is missed, too.
// Never: waits for another run, takes a failure for a lock that is held, or needs disk space to
//        note a missed run: the file keeps its size, so that a full disk can be noted too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/write/lock_text.h"
#include "recorder/write/note_file.h"
#include "schema/disk/commit_note.h"
#include "schema/model/snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

// All of them throw schema::Error when the file cannot be read or written.
class RunLock {
 public:
  // Nothing: another run holds it.
  [[nodiscard]] static std::optional<RunLock> try_acquire(const std::string& database_path);

  // What lay in the file when the lock was taken: the mark of a run that ended without a word,
  // which is accounted for now, and how many lines could not be understood.
  struct Found {
    std::optional<RunMark> ended;
    std::uint32_t damaged = 0;
  };
  [[nodiscard]] const Found& found() const { return found_; }

  // From now on a run that ends without a word is accounted for by the next one.
  void begin_run(const schema::ClockReading& now) const;
  // Moves what was noted while the lock file could not be used into it. Returns what is wrong with
  // that file; nothing: all is well.
  [[nodiscard]] std::optional<std::string> adopt_notes_aside(std::string_view database_path) const;

  // One more run that gave nothing; not twice.
  void note(const schema::MissedRun& run) const;
  // Notes of runs that gave nothing since the last take. The notes stay until settle().
  [[nodiscard]] std::vector<schema::MissedRun> read_missed() const;
  // Nothing: none is known.
  [[nodiscard]] std::optional<CommitNote> read_commit() const;
  // A run before that ended without a word and may have committed all the same.
  [[nodiscard]] std::optional<RunMark> read_unsettled() const;
  // What the database says of it.
  void settle_unsettled(bool recorded) const;

  // Called before a run writes to a database that ends with this commit: a journal is its own now.
  void begin_writing(const std::optional<schema::LastCommit>& committed) const;
  // Called before the run commits a snapshot with these clocks at its begin.
  void begin_commit(const schema::ClockReading& snapshot) const;
  // The database that the commit was made to is gone.
  void forget_commit() const;
  // Called before the snapshot is put into this spool file.
  void begin_spooling(std::uint32_t number) const;

  // Called after a commit: what is the last one now, and how many of the notes are recorded. Ends
  // the run.
  void settle(const std::optional<schema::LastCommit>& committed, std::size_t runs) const;
  // The run ended without a commit of its own; `missed`: what it did not give.
  void end_run(const std::vector<schema::MissedRun>& missed) const;

 private:
  explicit RunLock(NoteFile file) : file_(std::move(file)) {}
  NoteFile file_;
  Found found_;
};

// Adds notes without holding the lock. Nothing: it is done; otherwise why it could not be.
[[nodiscard]] std::optional<std::string> note_missed_runs(
    const std::string& database_path,
    const std::vector<schema::MissedRun>& runs,
    NoteFile::IfAbsent absent);

// The run that holds the lock, as far as it says so.
[[nodiscard]] std::optional<RunMark> read_running(const std::string& database_path);

}  // namespace sockwitness::recorder
