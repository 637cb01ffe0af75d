#include "recorder/app/open_for_run.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

#include "recorder/app/chain.h"
#include "recorder/app/say.h"
#include "recorder/observe/clock.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/base/escape.h"
#include "schema/disk/recovery.h"

namespace sockwitness::recorder {
namespace {

bool is_absent_or_empty(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || status.st_size == 0;
}

void report_recovery(const std::string& path,
                     const schema::Recovery& recovery,
                     const RunLock& lock) {
  const char* what = recovery.rolled_back
                         ? "an earlier run ended while it wrote: its journal was rolled back"
                         : "a journal lay beside the database that had nothing to roll back";
  tell(fmt::format("{}, and is kept as '{}'", what, schema::escape_terminal(recovery.kept)));
  const auto missed = lock.read_missed();
  const bool told = std::any_of(missed.begin(), missed.end(), [](const schema::MissedRun& run) {
    return run.kind == schema::MissedKind::Failed;
  });
  if (lock.found().ended || told) {
    return;  // that run has left a mark, or said itself that it failed
  }
  const auto why = note_missed_runs(path,
                                    {{read_clocks().wall, schema::MissedKind::Failed, 1, what, {}}},
                                    NoteFile::IfAbsent::Make);
  if (why) {
    tell("that run is in no account: " + schema::escape_terminal(*why));
  }
}

void tell_ended(const RunMark& mark) {
  tell(
      fmt::format("the run of {} ended before it was done (killed, out of memory, or the host went "
                  "down): recorded as missed",
                  schema::format_utc(mark.at)));
}

// What lay in the lock file, and what was noted where it could not be.
void report_found(const std::string& path, const RunLock& lock) {
  const auto& [ended, damaged] = lock.found();
  if (damaged > 0) {
    tell(fmt::format(
        "{} damaged line{} of '{}.lock' told of runs or of the last commit: recorded as "
        "missed runs",
        damaged,
        damaged == 1 ? "" : "s",
        schema::escape_terminal(path)));
  }
  if (ended && ended->stage == RunMark::Stage::Looking) {
    tell_ended(*ended);
  }
  if (const auto why = lock.adopt_notes_aside(path)) {
    tell("notes of missed runs are not taken in: " + schema::escape_terminal(*why));
  }
}

// A run that ended without a word: what the database says of it.
void settle_unsettled(schema::Database& database, const RunLock& lock) {
  if (const auto mark = lock.read_unsettled()) {
    const bool recorded = is_recorded(database, mark->at, mark->since_boot);
    lock.settle_unsettled(recorded);
    if (!recorded) {
      tell_ended(*mark);
    }
  }
}

}  // namespace

schema::Database open_for_run(const std::string& path,
                              const RunLock& lock,
                              std::chrono::milliseconds patience) {
  report_found(path, lock);
  auto note = lock.read_commit();
  if (note && is_absent_or_empty(path)) {
    tell(fmt::format("'{}' had {} records and is gone or empty; a new database begins",
                     schema::escape_terminal(path),
                     note->last.record));
    lock.forget_commit();
    note.reset();
  }
  const auto before_writing = [&](const std::optional<schema::Recovery>& recovery) {
    if (recovery) {
      report_recovery(path, *recovery, lock);
    }
    if (note) {
      lock.begin_writing(note->last);
    }
  };
  schema::Database database =
      schema::Database::open_for_append(path, {note, before_writing, patience});
  settle_unsettled(database, lock);
  const auto found = database.last_commit();
  if (note && found && found->archive == note->last.archive && found->record < note->last.record) {
    tell(fmt::format(
        "'{}' ends with record {}, but record {} was committed: it was put back to an older state",
        schema::escape_terminal(path),
        found->record,
        note->last.record));
  }
  if (!note || found != note->last) {
    lock.begin_writing(found);
  }
  begin_chain(database);
  return database;
}

std::vector<schema::Anchor> settle(const RunLock& lock,
                                   schema::Database& database,
                                   std::size_t runs) {
  auto anchors = publish_anchors(database);
  try {
    lock.settle(database.last_commit(), runs);
  } catch (const schema::Error& failure) {
    tell(fmt::format("{}; what was written is safe all the same",
                     schema::escape_terminal(failure.message())));
  }
  return anchors;
}

}  // namespace sockwitness::recorder
