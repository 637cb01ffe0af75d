// A journal beside the file when the recorder starts: a run was killed while it wrote, or the
// journal was planted.
//
// In:    the path of the database, and its last commit as known from elsewhere.
// Out:   a copy of the journal that stays beside the database, and what it held; or an Error that
//        leaves both as they are.
// Never: opens the database for writing, or lets SQLite delete a journal without a copy of it.
#pragma once

#include <optional>
#include <string>

#include "schema/disk/commit_note.h"

namespace sockwitness::schema {

struct Recovery {
  std::string kept;          // where the copy of the journal lies
  bool rolled_back = false;  // false: the journal held no finished head, so nothing is undone
};

// What SQLite will do when it opens the file, tried on a copy. Nothing: no journal lies there.
// Throws Error when it would damage the file or undo a committed record, and for a log.
[[nodiscard]] std::optional<Recovery> prepare_recovery(const std::string& path,
                                                       const std::optional<CommitNote>& known);

}  // namespace sockwitness::schema
