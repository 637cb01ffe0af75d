// The text of the lock file: the last commit, the run that is under way, then one line a missed
// run, padded with empty lines to a fixed size.
//
// In:    "committed 42 17 0F…\nrunning 1763869800000000 97103000000 looking\n
//        1763869800000000 skipped 1 another run is under way\n…\n\n\n"
// Out:   what it says; or the text of it.
// Never: grows beyond its size: when there is no room, the last line stands for one more run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/time.h"
#include "schema/disk/commit_note.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::recorder {

inline constexpr std::size_t kLockTextSize = 4096;

using schema::CommitNote;

// A run that has begun and has not said how it ended.
struct RunMark {
  // How far it was: it looked at the host; it had a database open to which it may have committed;
  // it put its snapshot into a spool file.
  enum class Stage : std::uint8_t { Looking, Writing, Spooling };

  // Its begin; from Writing on these are the clocks of its snapshot.
  schema::WallTime at;
  schema::BootTime since_boot;
  Stage stage = Stage::Looking;
  std::uint32_t spool = 0;  // Spooling: the number of the file

  friend bool operator==(const RunMark&, const RunMark&) = default;
};

struct LockText {
  std::optional<CommitNote> committed;  // nothing: no line says it
  std::optional<RunMark> running;
  // A run before that ended without a word while it may have committed: only the database can tell
  // whether it did.
  std::optional<RunMark> unsettled;
  std::vector<schema::MissedRun> missed;
  std::uint32_t unreadable = 0;  // lines that say nothing that this program understands
};

// Lines that do not parse are counted: a torn note must not stop a recorder, nor go unnoticed.
[[nodiscard]] LockText parse_lock_text(std::string_view text);
// Turns the lines that were not understood into a failed run each, told of at `when`.
void account_for_damage(LockText& content, schema::WallTime when);
// Exactly kLockTextSize bytes. Line breaks in reasons become blanks; long reasons are cut. Lines
// that were not understood are not in it.
[[nodiscard]] std::string format_lock_text(LockText content);

}  // namespace sockwitness::recorder
