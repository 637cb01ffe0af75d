#include "recorder/write/run_lock.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/waiting.h"

namespace sockwitness::recorder {
namespace {

using schema::MissedKind;
using schema::MissedRun;
using Stage = RunMark::Stage;

constexpr const char* kEndedSilently =
    "the run ended before it was done: killed, out of memory, or the host went down";

std::string lock_path(const std::string& database_path) {
  return schema::lock_file_of(database_path);
}
std::string aside_path(std::string_view database_path) {
  return std::string(database_path) + ".missed";
}

// 0, or the error of the last attempt. An interrupted call is repeated, but not for ever.
int try_lock(int fd) {
  constexpr int kAttempts = 10;
  int number = EINTR;
  for (int attempt = 0; number == EINTR && attempt < kAttempts; ++attempt) {
    number = ::flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  }
  return number;
}

MissedRun ended_silently(const RunMark& mark) {
  return {mark.at, MissedKind::Failed, 1, kEndedSilently, {}};
}

void add_once(std::vector<MissedRun>& missed, const MissedRun& run) {
  const bool known = std::any_of(missed.begin(), missed.end(), [&](const MissedRun& other) {
    return other.at == run.at && other.kind == run.kind && other.reason == run.reason;
  });
  if (!known) {
    missed.push_back(run);
  }
}

bool is_there(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// What the mark of a run tells that is not under way any more.
void put_away_mark(LockText& text, const std::string& database) {
  const auto mark = std::exchange(text.running, std::nullopt);
  if (!mark) {
    return;
  }
  if (mark->stage == Stage::Spooling && is_there(schema::spool_path(database, mark->spool))) {
    return;  // it waits there
  }
  if (mark->stage != Stage::Writing) {
    text.missed.push_back(ended_silently(*mark));
    return;
  }
  if (text.unsettled) {
    text.missed.push_back(ended_silently(*text.unsettled));
  }
  text.unsettled = mark;
}

}  // namespace

std::optional<RunLock> RunLock::try_acquire(const std::string& database_path) {
  NoteFile file = NoteFile::open(lock_path(database_path), NoteFile::IfAbsent::Make);
  const int number = try_lock(file.fd());
  if (number == EWOULDBLOCK) {
    return std::nullopt;
  }
  if (number != 0) {
    throw file.failure("locking", number);
  }
  RunLock lock(std::move(file));
  const LockText text = lock.file_.read();
  lock.found_ = {text.running, text.unreadable};
  if (text.running || text.unreadable > 0) {
    lock.file_.update([&](LockText& now) { put_away_mark(now, database_path); });
  }
  return lock;
}

void RunLock::begin_run(const schema::ClockReading& now) const {
  file_.update([&](LockText& text) {
    text.running = RunMark{now.wall, now.since_boot, Stage::Looking, 0};
  });
}

std::optional<std::string> RunLock::adopt_notes_aside(std::string_view database_path) const {
  const std::string path = aside_path(database_path);
  if (!is_there(path)) {
    return std::nullopt;
  }
  try {
    const NoteFile aside = NoteFile::open(path, NoteFile::IfAbsent::Fail);
    LockText noted = aside.read();
    file_.update([&](LockText& text) {
      for (const MissedRun& run : noted.missed) {
        add_once(text.missed, run);
      }
      text.unreadable = noted.unreadable;
      account_for_damage(text, text.running ? text.running->at : schema::WallTime{});
    });
  } catch (const schema::Error& failure) {
    return failure.message();
  }
  if (::unlink(path.c_str()) != 0) {
    return fmt::format("removing '{}': it stays, and is taken in once more", path);
  }
  return std::nullopt;
}

void RunLock::note(const MissedRun& run) const {
  file_.update([&](LockText& text) { add_once(text.missed, run); });
}

std::vector<MissedRun> RunLock::read_missed() const {
  return file_.read().missed;
}

std::optional<CommitNote> RunLock::read_commit() const {
  return file_.read().committed;
}

std::optional<RunMark> RunLock::read_unsettled() const {
  return file_.read().unsettled;
}

void RunLock::settle_unsettled(bool recorded) const {
  file_.update([&](LockText& text) {
    const auto mark = std::exchange(text.unsettled, std::nullopt);
    if (mark && !recorded) {
      text.missed.push_back(ended_silently(*mark));
    }
  });
}

void RunLock::begin_writing(const std::optional<schema::LastCommit>& committed) const {
  file_.update(
      [&](LockText& text) {
        text.committed = committed ? std::optional(CommitNote{*committed, true}) : std::nullopt;
      },
      NoteFile::Sync::Yes);
}

void RunLock::begin_commit(const schema::ClockReading& snapshot) const {
  file_.update([&](LockText& text) {
    text.running = RunMark{snapshot.wall, snapshot.since_boot, Stage::Writing, 0};
  });
}

void RunLock::forget_commit() const {
  file_.update([](LockText& text) { text.committed.reset(); });
}

void RunLock::begin_spooling(std::uint32_t number) const {
  file_.update([&](LockText& text) {
    if (text.running) {
      text.running->stage = Stage::Spooling;
      text.running->spool = number;
    }
  });
}

void RunLock::settle(const std::optional<schema::LastCommit>& committed, std::size_t runs) const {
  file_.update(
      [&](LockText& text) {
        text.committed = committed ? std::optional(CommitNote{*committed, false}) : std::nullopt;
        text.running.reset();
        auto& missed = text.missed;
        missed.erase(missed.begin(),
                     missed.begin() + static_cast<std::ptrdiff_t>(std::min(runs, missed.size())));
      },
      NoteFile::Sync::Yes);
}

void RunLock::end_run(const std::vector<MissedRun>& missed) const {
  file_.update([&](LockText& text) {
    text.running.reset();
    text.missed.insert(text.missed.end(), missed.begin(), missed.end());
  });
}

std::optional<std::string> note_missed_runs(const std::string& database_path,
                                            const std::vector<MissedRun>& runs,
                                            NoteFile::IfAbsent absent) {
  std::string why;
  for (const std::string& path : {lock_path(database_path), aside_path(database_path)}) {
    try {
      NoteFile::open(path, absent).update([&](LockText& text) {
        text.missed.insert(text.missed.end(), runs.begin(), runs.end());
      });
      return std::nullopt;
    } catch (const schema::Error& failure) {
      why = why.empty() ? failure.message() : why;
    }
  }
  return why;
}

std::optional<RunMark> read_running(const std::string& database_path) {
  try {
    return NoteFile::open(lock_path(database_path), NoteFile::IfAbsent::Fail).read().running;
  } catch (const schema::Error&) {
    return std::nullopt;  // it says nothing
  }
}

}  // namespace sockwitness::recorder
