#include "query/analysis/history/pick.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/analysis/history/moments.h"

namespace sockwitness::query {
namespace {

using schema::SnapshotInfo;

// Longer than this many usual intervals, in hundredths: a time without snapshots.
constexpr std::int64_t kUnobservedPercent = 150;

std::string missed_note(std::span<const schema::MissedRun> missed,
                        schema::WallTime from,
                        schema::WallTime until) {
  std::uint32_t runs = 0;
  std::string last_reason;
  for (const schema::MissedRun& run : missed) {
    if (run.at >= from && run.at <= until) {
      runs += run.count;
      last_reason = run.reason.empty() ? std::string(missed_kind_word(run.kind)) : run.reason;
    }
  }
  if (runs == 0) {
    return {};
  }
  return fmt::format("; {} run{} gave no snapshot ({})", runs, runs == 1 ? "" : "s", last_reason);
}

}  // namespace

Pick judge_pick(std::span<const SnapshotInfo> snapshots,
                std::span<const schema::MissedRun> missed,
                std::size_t chosen,
                schema::WallTime at) {
  const SnapshotInfo& info = snapshots[chosen];
  Pick pick{at.microseconds - info.begin.wall.microseconds, {}};
  const auto usual = usual_interval_us(moments_of(snapshots));
  if (chosen + 1 == snapshots.size()) {
    const std::string runs = missed_note(missed, info.begin.wall, at);
    if ((usual && pick.distance_us > *usual) || !runs.empty()) {
      pick.note = fmt::format("nothing was recorded after it until the time asked for, {} later{}",
                              duration_words(pick.distance_us),
                              runs);
    }
    return pick;
  }
  const SnapshotInfo& next = snapshots[chosen + 1];
  const std::int64_t interval = next.begin.wall.microseconds - info.begin.wall.microseconds;
  const std::string runs = missed_note(missed, info.begin.wall, next.begin.wall);
  const bool unwatched = usual && interval > *usual * kUnobservedPercent / 100;
  if (pick.distance_us > 0 && (unwatched || !runs.empty())) {
    pick.note = fmt::format("nothing was recorded for {} until snapshot {}{}",
                            duration_words(interval),
                            next.seq.value(),
                            runs);
  }
  return pick;
}

std::string duration_words(std::int64_t microseconds) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr Unit units[] = {{86'400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  const std::int64_t seconds = microseconds / 1'000'000;
  for (const Unit& unit : units) {
    const std::int64_t count = seconds / unit.seconds;
    // A day and a half reads better as 36 hours.
    if (count >= 2 || (count == 1 && (unit.seconds <= 1 || seconds % unit.seconds == 0))) {
      return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
    }
  }
  return "less than a second";
}

}  // namespace sockwitness::query
