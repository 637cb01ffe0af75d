// What a database and the files beside it stand for: tried on a private copy, and judged there. One
// judgement for the recorder, which then lets SQLite do the same to the file itself, and for
// readers, which take the copy for their answer.
//
// In:    the path of the database, and what the lock file says of its last commit.
// Out:   the copy with the unfinished transaction rolled back or the log folded in; or an Error
//        that names the reason and how to go on, and leaves all files as they are.
// Never: opens the original for writing; takes a result for good that is damaged, that is no
//        database of ours, or that is older than the last commit.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "schema/disk/commit_note.h"
#include "schema/disk/database_file.h"
#include "schema/disk/reading_guard.h"

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

struct Trial {
  std::unique_ptr<ReadingGuard> guard;       // for Read; outlives what it guards
  std::unique_ptr<SQLite::Database> sqlite;  // on the copy, which has no name any more
  bool rolled_back = false;  // false: the journal held no finished head, so nothing is undone
  bool is_empty = false;     // nothing but the beginning of its first transaction was there
};

// Throws Error.
[[nodiscard]] Trial try_on_copy(const std::string& path,
                                const std::optional<CommitNote>& known,
                                Purpose purpose);

// What need not be tried. A log beside a file that never had one, or for the recorder any log:
[[nodiscard]] Error stray_log(const std::string& path);
// A journal when the last run ended in good order. Throws Error.
void refuse_stray_journal(const std::string& path, const std::optional<CommitNote>& known);

}  // namespace sockwitness::schema
