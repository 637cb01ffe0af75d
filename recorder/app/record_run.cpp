#include "recorder/app/record_run.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>

#include "recorder/app/observation.h"
#include "recorder/app/open_for_run.h"
#include "recorder/app/reachable.h"
#include "recorder/app/say.h"
#include "recorder/observe/clock.h"
#include "recorder/os/dir.h"
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
  if (previous.seq && previous.begin.wall <= now) {
    known.packages_as_of = previous.begin.wall;
  }
  return known;
}

void make_directory_of(const std::string& path) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code failure;
  if (!std::filesystem::create_directories(directory, failure) && failure) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        fmt::format("making directory '{}': {}", directory.native(), failure.message()),
        "choose another place with --db");
  }
  if (!failure) {
    using std::filesystem::perms;
    std::filesystem::permissions(directory,
                                 perms::group_write | perms::others_all,
                                 std::filesystem::perm_options::remove,
                                 failure);
  }
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

RunOutcome record(const RunRequest& request, const RunLock& lock) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const schema::ClockReading begin = read_clocks();
  const HangFile hang_file(request.database);
  const HangText noted_hangs = hang_file.read();
  std::vector<Hang> hangs = find_hanging(noted_hangs);
  Observation observation(request.note, hangs);
  schema::Database database = open_for_run(request.database, lock);
  const auto previous = std::make_shared<const schema::LoadedSnapshot>(load_previous(database));
  KnownPrograms programs = read_known_programs(database, previous->snapshot, begin.wall);

  stop_if_told(request);
  Observation::Seen seen =
      observation.finish({previous, std::move(programs)}, [&] { stop_if_told(request); });
  schema::Snapshot& observed = seen.snapshot;
  hangs.insert(hangs.end(), seen.hangs.begin(), seen.hangs.end());
  note_hangs(hang_file, noted_hangs, observed, hangs);
  if (request.every) {
    observed.context.every_us = request.every->count();
  }
  observed.cost = read_cost(begin, before);
  observed.cost.cpu_us += seen.cpu_us;

  stop_if_told(request);
  const auto noted = lock.read_missed();
  auto missed = noted;
  if (request.late_turns > 0) {
    missed.push_back({observed.begin.wall,
                      schema::MissedKind::Late,
                      request.late_turns,
                      "the turn before took too long",
                      {}});
  }
  RunOutcome outcome;
  outcome.written = write_snapshot(database, observed, *previous, missed);
  lock.settle(database.last_commit(), noted.size());
  outcome.gaps = std::move(observed.gaps);
  outcome.hangs = std::move(hangs);
  return outcome;
}

}  // namespace

RunOutcome run_once(const RunRequest& request) {
  refuse_unreachable(request.database);
  if (request.make_directory) {
    make_directory_of(request.database);
  }
  schema::Database::refuse_foreign(request.database);
  const auto lock = RunLock::try_acquire(request.database);
  if (!lock) {
    note_missed_run(
        request.database,
        {read_clocks().wall, schema::MissedKind::Skipped, 1, "another run was under way", {}});
    return {};
  }
  const auto note = [&](const std::string& reason) {
    note_missed_run(request.database,
                    {read_clocks().wall, schema::MissedKind::Failed, 1, reason, {}});
  };
  try {
    RunOutcome outcome = record(request, *lock);
    if (!outcome.hangs.empty()) {
      // A process that is left behind keeps this one's memory: what is free in it can be given
      // back.
      ::malloc_trim(0);
    }
    return outcome;
  } catch (const schema::Error& failure) {
    note(failure.message());
    throw;
  } catch (const std::bad_alloc&) {
    note("recording: out of memory");
    throw;
  } catch (const std::exception& failure) {
    note(failure.what());
    throw;
  }
}

}  // namespace sockwitness::recorder
