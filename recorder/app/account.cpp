#include "recorder/app/account.h"

#include <sys/stat.h>

#include <atomic>

#include <fmt/format.h>

#include "recorder/write/bare_note.h"
#include "schema/disk/database_file.h"
#include "schema/disk/file_head.h"
#include "schema/disk/migrate.h"

namespace sockwitness::recorder {
namespace {

std::atomic<bool> run_marked = false;

// A lock file is made beside a database of ours, or where one is to be; never beside what is
// another program's, or beside a link.
NoteFile::IfAbsent where_absent(const std::string& database) {
  struct stat status {};
  if (::lstat(database.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return NoteFile::IfAbsent::Fail;
  }
  try {
    const auto begin = schema::read_file_begin(database, schema::Purpose::Read);
    if (!begin || begin->size == 0) {
      return NoteFile::IfAbsent::Make;
    }
    const auto head = schema::decode_file_head(begin->head);
    return head && head->application_id == static_cast<std::uint32_t>(schema::kApplicationId)
               ? NoteFile::IfAbsent::Make
               : NoteFile::IfAbsent::Fail;
  } catch (const schema::Error&) {
    return NoteFile::IfAbsent::Fail;
  }
}

}  // namespace

bool is_run_marked() noexcept {
  return run_marked.load();
}

void set_run_marked(bool marked) noexcept {
  run_marked.store(marked);
}

schema::Error unaccounted(const schema::Error& failure, const std::string& why) {
  return {failure.code(),
          failure.message(),
          fmt::format("{}{}this run is in no account: {}",
                      failure.hint(),
                      failure.hint().empty() ? "" : "\n",
                      why)};
}

schema::Error RunAccount::fail(const schema::Error& failure) const {
  if (safe) {
    return {failure.code(), failure.message(), "the snapshot is safe all the same"};
  }
  std::vector<schema::MissedRun> missed;
  if (late) {
    missed.push_back(*late);
  }
  missed.push_back({began, schema::MissedKind::Failed, 1, failure.message(), {}});
  if (marked) {
    try {
      lock->end_run(missed);
    } catch (const schema::Error&) {
      // The mark stays: the next run finds that this one ended without a word.
    }
    return failure;
  }
  const auto why = note_missed_runs(database, missed, where_absent(database));
  return why ? unaccounted(failure, *why) : failure;
}

bool RunAccount::fail_without_memory() const noexcept {
  return marked || safe || note_out_of_memory(database.c_str(), began);
}

void RunAccount::skip() const {
  std::vector<schema::MissedRun> missed;
  if (late) {
    missed.push_back(*late);
  }
  missed.push_back({began, schema::MissedKind::Skipped, 1, "another run was under way", {}});
  const auto why = note_missed_runs(database, missed, NoteFile::IfAbsent::Make);
  if (why) {
    throw unaccounted(schema::Error(schema::ExitCode::Unusable,
                                    fmt::format("recording to '{}': another run is under way, and "
                                                "it could not be noted that this one was skipped",
                                                database)),
                      *why);
  }
}

}  // namespace sockwitness::recorder
