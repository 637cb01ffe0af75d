#include "recorder/app/open_for_run.h"

#include <sys/stat.h>

#include <fmt/format.h>

#include "recorder/app/say.h"
#include "recorder/observe/clock.h"
#include "schema/base/escape.h"
#include "schema/disk/recovery.h"

namespace sockwitness::recorder {
namespace {

bool is_absent_or_empty(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || status.st_size == 0;
}

void report_recovery(const std::string& path, const schema::Recovery& recovery) {
  const char* what = recovery.rolled_back
                         ? "an earlier run ended while it wrote: its journal was rolled back"
                         : "a journal lay beside the database that had nothing to roll back";
  tell(fmt::format("{}, and is kept as '{}'", what, schema::escape_terminal(recovery.kept)));
  note_missed_run(path, {read_clocks().wall, schema::MissedKind::Failed, 1, what, {}});
}

}  // namespace

schema::Database open_for_run(const std::string& path, const RunLock& lock) {
  auto note = lock.read_commit();
  if (note && is_absent_or_empty(path)) {
    tell(fmt::format("'{}' had {} records and is gone or empty; a new database begins",
                     schema::escape_terminal(path),
                     note->last.record));
    lock.settle({}, 0);
    note.reset();
  }
  const auto before_writing = [&](const std::optional<schema::Recovery>& recovery) {
    if (recovery) {
      report_recovery(path, *recovery);
    }
    if (note) {
      lock.begin_writing(note->last);
    }
  };
  schema::Database database = schema::Database::open_for_append(path, {note, before_writing});
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
  return database;
}

}  // namespace sockwitness::recorder
