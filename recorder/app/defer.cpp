#include "recorder/app/defer.h"

#include <sys/stat.h>

#include <system_error>

#include <fmt/format.h>

#include "recorder/app/say.h"
#include "recorder/write/lock_holder.h"
#include "schema/base/escape.h"
#include "schema/program/shell_word.h"

namespace sockwitness::recorder {
namespace {

using Kind = schema::DatabaseError::Kind;

// When the file was last written; the epoch for one that is gone.
schema::WallTime mtime_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return {};
  }
  return schema::WallTime{status.st_mtim.tv_sec * std::int64_t{1'000'000} +
                          status.st_mtim.tv_nsec / 1000};
}

}  // namespace

bool can_wait(const schema::DatabaseError& failure) {
  return failure.kind() == Kind::Locked || failure.kind() == Kind::ReadOnly;
}

std::chrono::milliseconds choose_patience(const std::string& database, const Spool& spool) {
  constexpr std::chrono::milliseconds kShort{500};
  if (spool.waiting().empty()) {
    return schema::kUsualPatience;
  }
  const auto label = spool.read_label(spool.waiting().back());
  const LockLook look = look_at_lock(database);
  const bool same = label && label->holder && label->holder == look.holder;
  return same || look.error != 0 ? kShort : schema::kUsualPatience;
}

Obstacle look_at_obstacle(const std::string& database, const schema::DatabaseError& failure) {
  if (failure.kind() == Kind::ReadOnly) {
    return {"the file or its directory is not writable",
            "make it writable for its owner; the next run takes the snapshot in",
            {},
            false};
  }
  const LockLook look = look_at_lock(database);
  if (look.error != 0) {
    return {fmt::format("it cannot be locked ({})", std::generic_category().message(look.error)),
            "its file system does not lock files as SQLite needs it; move the database to a local "
            "disk, with all files that begin with its name",
            {},
            false};
  }
  const std::string who = look.holder ? fmt::format("ps -fp {}", look.holder->value())
                                      : "fuser -v " + schema::shell_word(database);
  return {(look.holder ? holder_words(*look.holder) : std::string("another program")) +
              " keeps it locked",
          "the next run takes it in once the database is free; see who keeps it: " + who,
          look.holder,
          true};
}

schema::Error name_holder(const std::string& database, const schema::DatabaseError& failure) {
  if (failure.kind() != Kind::Locked) {
    return failure;
  }
  const Obstacle obstacle = look_at_obstacle(database, failure);
  return {failure.code(),
          fmt::format("{} ({})", failure.message(), obstacle.reason),
          obstacle.may_pass ? failure.hint() : obstacle.hint};
}

Deferred defer(DeferRequest request, const Obstacle& obstacle, const RunLock& lock, Spool& spool) {
  const std::string message =
      fmt::format("writing database '{}': {}", request.database, obstacle.reason);
  const std::uint32_t number = spool.next();
  const std::string path = spool.path_of(number);
  try {
    const std::string bytes = encode_spooled(path,
                                             {std::move(request.snapshot),
                                              std::move(request.archive),
                                              obstacle.reason,
                                              obstacle.holder});
    lock.begin_spooling(number);
    spool.put(number, bytes);
  } catch (const schema::Error& reason) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        message,
        fmt::format("{}\nthe snapshot is lost: {}", obstacle.hint, reason.message()));
  }
  try {
    lock.end_run(request.late ? std::vector{*request.late} : std::vector<schema::MissedRun>());
  } catch (const schema::Error&) {
    // The mark tells where the snapshot waits.
  }
  const std::size_t waiting = spool.waiting().size();
  return {obstacle.may_pass ? schema::ExitCode::Clean : schema::ExitCode::Unusable,
          fmt::format("{}; the snapshot waits in '{}'{}",
                      message,
                      path,
                      waiting > 1 ? fmt::format(", {} wait in all", waiting) : std::string()),
          obstacle.hint};
}

void settle_taken(const RunLock& lock, Spool& spool, const TakenIn& taken) {
  for (const std::string& complaint : taken.complaints) {
    tell(schema::escape_terminal(complaint));
  }
  for (const RefusedSpool& refused : taken.refused) {
    const std::string path = spool.path_of(refused.number);
    const std::string what =
        fmt::format("snapshot in '{}' is not taken in: {}", path, refused.reason);
    try {
      lock.note({mtime_of(path), schema::MissedKind::Failed, 1, what, {}});
      tell(fmt::format("{}; it is kept as '{}'",
                       schema::escape_terminal(what),
                       schema::escape_terminal(spool.set_aside(refused.number))));
    } catch (const schema::Error& failure) {
      tell(fmt::format(
          "{}; {}", schema::escape_terminal(what), schema::escape_terminal(failure.message())));
    }
  }
}

}  // namespace sockwitness::recorder
