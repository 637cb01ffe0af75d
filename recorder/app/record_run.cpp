#include "recorder/app/record_run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <new>

#include <fmt/format.h>

#include "recorder/app/live_host.h"
#include "recorder/app/open_for_run.h"
#include "recorder/observe/clock.h"
#include "recorder/write/run_lock.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {
namespace {

// The costly facts of unchanged processes are read anew once in so many snapshots.
constexpr std::int64_t kDeepEvery = 12;

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

// A changed package database may change the verdict on any file.
bool is_deep_turn(const schema::Snapshot& previous, const schema::Context& now) {
  if (!previous.seq || previous.context.boot_id != now.boot_id ||
      previous.context.package_database_mtime_ns != now.package_database_mtime_ns) {
    return true;
  }
  return previous.seq->value() + 1 - previous.deep_seq.value_or(*previous.seq).value() >=
         kDeepEvery;
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

RunOutcome record(const RunRequest& request, const RunLock& lock, Walker& walker) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const schema::ClockReading begin = read_clocks();
  const auto host = LiveHost::open();
  Collector collector(host->sources(), walker, request.note);
  collector.begin();
  schema::Database database = open_for_run(request.database, lock);
  const schema::LoadedSnapshot previous = load_previous(database);
  const schema::Snapshot* known = previous.snapshot.seq ? &previous.snapshot : nullptr;
  const auto processes =
      host->make_processes(read_known_programs(database, previous.snapshot, begin.wall));

  stop_if_told(request);
  collector.read_tables();
  const bool deep = is_deep_turn(previous.snapshot, collector.context());
  schema::Snapshot observed = collector.finish(processes, {known, deep});
  if (request.every) {
    observed.context.every_us = request.every->count();
  }
  observed.cost = read_cost(begin, before);

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
  outcome.written = write_snapshot(database, observed, previous, missed);
  lock.settle(database.last_commit(), noted.size());
  outcome.gaps = std::move(observed.gaps);
  return outcome;
}

}  // namespace

RunOutcome run_once(const RunRequest& request, Walker& walker) {
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
    return record(request, *lock, walker);
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
