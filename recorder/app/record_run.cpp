#include "recorder/app/record_run.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <new>

#include <fmt/format.h>

#include "recorder/app/account.h"
#include "recorder/app/chain.h"
#include "recorder/app/defer.h"
#include "recorder/app/make_mask.h"
#include "recorder/app/observation.h"
#include "recorder/app/open_for_run.h"
#include "recorder/app/reachable.h"
#include "recorder/app/say.h"
#include "recorder/app/state_directory.h"
#include "recorder/observe/clock.h"
#include "recorder/os/dir.h"
#include "recorder/os/left_to_exit.h"
#include "recorder/proc/hanging_thread.h"
#include "recorder/write/hang_file.h"
#include "recorder/write/run_lock.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {
namespace {

schema::Cost read_cost(const schema::ClockReading& begin, const rusage& before) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) {
    return time.tv_sec * std::int64_t{1'000'000} + time.tv_usec;
  };
  schema::Cost cost;
  cost.wall_us = (read_clocks().monotonic_ns - begin.monotonic_ns) / 1000;
  cost.cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime) -
                microseconds(before.ru_utime) - microseconds(before.ru_stime);
  cost.peak_kib = usage.ru_maxrss;
  return cost;
}

// Package facts hold as of the previous snapshot, unless the clock has been set back below it
// since.
KnownPrograms read_known_programs(schema::Database& database,
                                  const schema::Snapshot& previous,
                                  schema::WallTime now) {
  constexpr int kMost = 4096;
  KnownPrograms known;
  known.programs = schema::load_latest_programs(database, kMost);
  known.programs.insert(known.programs.end(), previous.programs.begin(), previous.programs.end());
  std::copy_if(previous.programs.begin(),
               previous.programs.end(),
               std::back_inserter(known.unsettled),
               [](const schema::Program& program) {
                 const bool owned = !program.package.empty();
                 return program.verdict == schema::PackageVerdict::Unknown ||
                        (owned && program.package_version.empty());
               });
  if (previous.seq && previous.begin.wall <= now) {
    known.packages_as_of = previous.begin.wall;
  }
  return known;
}

void stop_if_told(const RunRequest& request) {
  if (request.stop != nullptr) {
    request.stop->stop_if_waiting("recording");
  }
}

// Those of earlier runs that still hang.
std::vector<Hang> find_hanging(const HangText& noted) {
  std::vector<Hang> hanging;
  std::string boot_id;
  if (noted.hangs.empty() || !read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot_id) ||
      !boot_id.starts_with(noted.boot_id)) {
    return hanging;
  }
  for (const Hang& hang : noted.hangs) {
    if (read_thread_start(hang.process, hang.thread) == hang.thread_start) {
      hanging.push_back(hang);
    }
  }
  return hanging;
}

// What the next run is to know. Without it that one leaves one more process behind.
void note_hangs(const HangFile& file,
                const HangText& noted,
                const schema::Snapshot& observed,
                const std::vector<Hang>& hangs) {
  if (hangs == noted.hangs) {
    return;
  }
  if (!file.write({observed.context.boot_id, hangs})) {
    tell(fmt::format("'{}' could not be written: the next run does not know what hangs",
                     schema::escape_terminal(file.path())));
  }
}

// The database as long as it is of use, and what keeps it from being so.
struct Book {
  std::optional<schema::Database> database;
  // Shared with whoever looks at the host.
  std::shared_ptr<const schema::LoadedSnapshot> previous =
      std::make_shared<const schema::LoadedSnapshot>();
  std::optional<schema::DatabaseError> failure;
  bool behind = false;         // others wait to be written before this run's own snapshot
  std::future<void> next_key;  // made meanwhile; gone before the database

  // Whether there is something in the way, and what: the database is closed then.
  std::optional<Obstacle> look_for_obstacle(const std::string& path) {
    if (!failure && !behind) {
      return std::nullopt;
    }
    database.reset();
    return failure ? look_at_obstacle(path, *failure)
                   : Obstacle{"others wait before it",
                              "the next runs take them in, and it after them",
                              {},
                              true};
  }

  // Does what needs the database, until something keeps it that may pass. Throws what does not.
  template <class Step>
  void use(Step step) {
    if (failure) {
      return;
    }
    try {
      step();
    } catch (const schema::DatabaseError& met) {
      if (!can_wait(met)) {
        throw;
      }
      failure = met;
    }
  }
};

std::string archive_of(const RunLock& lock) {
  const auto note = lock.read_commit();
  return note ? note->last.archive : std::string();
}

// What waited first, then what was just seen.
void write_all(Book& book,
               Spool& spool,
               const schema::Snapshot& observed,
               const std::vector<schema::MissedRun>& noted,
               RunAccount& account,
               RunOutcome& outcome) {
  using SteadyClock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kLongest{20};
  const auto is_enough = [began = SteadyClock::now()] {
    return SteadyClock::now() - began > kLongest;
  };
  TakenIn taken;
  book.use([&] {
    book.next_key.get();
    account.lock->begin_commit(observed.begin);
    std::optional<schema::LoadedSnapshot> newer;
    if (!spool.waiting().empty()) {
      newer = take_in(*book.database,
                      spool,
                      *book.previous,
                      {noted, observed.context.machine_id, observed.end.wall, is_enough},
                      taken);
    }
    if (taken.more) {
      book.behind = true;
      return;
    }
    auto missed = std::vector<schema::MissedRun>(
        noted.begin() + static_cast<std::ptrdiff_t>(taken.notes), noted.end());
    if (account.late) {
      missed.push_back(*account.late);
    }
    outcome.written =
        write_snapshot(*book.database, observed, newer ? *newer : *book.previous, missed);
    account.safe = true;
  });
  settle_taken(*account.lock, spool, taken);
  outcome.taken_in = taken.snapshots;
}

RunOutcome record(const RunRequest& request, RunAccount& account) {
  const RunLock& lock = *account.lock;
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const schema::ClockReading begin = read_clocks();
  const HangFile hang_file(request.database);
  const HangText noted_hangs = hang_file.read();
  std::vector<Hang> hangs = find_hanging(noted_hangs);
  Observation observation(request.note, hangs, request.is_last);
  Spool spool(request.database);
  Book book;
  KnownPrograms programs;
  book.use([&] {
    book.database.emplace(
        open_for_run(request.database, lock, choose_patience(request.database, spool)));
    book.previous = std::make_shared<const schema::LoadedSnapshot>(load_previous(*book.database));
    programs = read_known_programs(*book.database, book.previous->snapshot, begin.wall);
    book.next_key = prepare_key(*book.database);
  });

  auto mask = make_mask(request.mask, request.database);
  stop_if_told(request);
  Observation::Seen seen = observation.finish({book.previous, std::move(programs), std::move(mask)},
                                              [&] { stop_if_told(request); });
  schema::Snapshot& observed = seen.snapshot;
  hangs.insert(hangs.end(), seen.hangs.begin(), seen.hangs.end());
  note_hangs(hang_file, noted_hangs, observed, hangs);
  if (request.every) {
    observed.context.every_us = request.every->count();
  }
  observed.cost = read_cost(begin, before);
  observed.cost.cpu_us += seen.cpu_us;

  stop_if_told(request);
  RunOutcome outcome;
  outcome.gaps = observed.gaps;
  outcome.hangs = std::move(hangs);
  account.began = observed.begin.wall;
  const auto noted = lock.read_missed();
  write_all(book, spool, observed, noted, account, outcome);
  if (const auto obstacle = book.look_for_obstacle(request.database)) {
    outcome.deferred =
        defer({request.database, std::move(observed), archive_of(lock), account.late},
              *obstacle,
              lock,
              spool);
    account.safe = true;
  } else {
    outcome.anchors = settle(lock, *book.database, noted.size());
  }
  if (request.is_last) {
    leave_to_exit(std::move(seen));
    leave_to_exit(std::move(book.previous));
  }
  return outcome;
}

// Nothing: another run holds the lock.
std::optional<RunOutcome> try_once(const RunRequest& request, RunAccount& account) {
  if (request.make_directory) {
    make_state_directory(request.database);
  }
  schema::Database::refuse_foreign(request.database);
  account.lock = RunLock::try_acquire(request.database);
  if (!account.lock) {
    return std::nullopt;
  }
  account.lock->begin_run(read_clocks());
  account.marked = true;
  set_run_marked(true);
  return record(request, account);
}

schema::Error out_of_memory() {
  return {schema::ExitCode::Unusable,
          "recording: out of memory",
          "nothing recorded before is lost; run again when there is memory"};
}

[[noreturn]] void fail(const RunAccount& account, const schema::Error& failure) {
  std::optional<schema::Error> reported;
  try {
    reported = account.fail(failure);
  } catch (const std::bad_alloc&) {
    if (account.fail_without_memory()) {
      throw NotedOutOfMemory();
    }
    throw;
  }
  throw schema::Error(*reported);
}

}  // namespace

RunOutcome run_once(const RunRequest& request) {
  try {
    refuse_unreachable(request.database);
  } catch (const schema::Error& failure) {
    throw unaccounted(failure, "where nothing answers nothing can be noted");
  }
  set_run_marked(false);
  RunAccount account{request.database, read_clocks().wall};
  if (request.late_turns > 0) {
    account.late = {account.began,
                    schema::MissedKind::Late,
                    request.late_turns,
                    "the turn before took too long",
                    {}};
  }
  try {
    if (auto outcome = try_once(request, account)) {
      if (!outcome->hangs.empty()) {
        // A process that is left behind keeps this one's memory: what is free in it can be given
        // back.
        ::malloc_trim(0);
      }
      return std::move(*outcome);
    }
    account.skip();
    RunOutcome skipped;
    skipped.began = account.began;
    if (const auto other = read_running(request.database)) {
      skipped.other_began = other->at;
    }
    return skipped;
  } catch (const schema::Error& failure) {
    fail(account, failure);
  } catch (const std::bad_alloc&) {
    try {
      fail(account, out_of_memory());
    } catch (const NotedOutOfMemory&) {
      throw;
    } catch (const std::bad_alloc&) {  // not even for the words
      if (account.fail_without_memory()) {
        throw NotedOutOfMemory();
      }
      throw;
    }
  } catch (const std::exception& failure) {
    fail(account,
         schema::Error(schema::ExitCode::Unusable, fmt::format("recording: {}", failure.what())));
  }
}

}  // namespace sockwitness::recorder
