// The text of the lock file: the last commit, then one line a missed run, padded with empty lines
// to a fixed size.
//
// In:    "committed 42 17 0F…\n1763869800000000 skipped 1 another run is under way\n…\n\n\n"
// Out:   the commit and the runs; or the text of them.
// Never: grows beyond its size: when there is no room, the last line stands for one more run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/disk/commit_note.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

inline constexpr std::size_t kLockTextSize = 4096;

using schema::CommitNote;

struct LockText {
  std::optional<CommitNote> committed;  // nothing: the first line does not say it
  std::vector<schema::MissedRun> missed;
};

// Lines that do not parse are passed over: a torn note must not stop a recorder.
[[nodiscard]] LockText parse_lock_text(std::string_view text);
// Exactly kLockTextSize bytes. Line breaks in reasons become blanks; long reasons are cut.
[[nodiscard]] std::string format_lock_text(LockText content);

}  // namespace sockwitness::recorder
