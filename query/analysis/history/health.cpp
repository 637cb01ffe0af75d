#include "query/analysis/history/health.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

// Where one snapshot is all there is, it is not known when the next was due.
constexpr std::int64_t kUnknownInterval = 5 * kMinute;

void forecast(Health& health, const Moments& moments, const Room& room) {
  const std::int64_t span =
      moments.all().back().begin.wall.microseconds - moments.all().front().begin.wall.microseconds;
  if (span < kDay || room.used == 0) {
    return;
  }
  const double days = static_cast<double>(span) / static_cast<double>(kDay);
  const double a_day = static_cast<double>(room.used - std::min(room.spare, room.used)) / days;
  health.bytes_a_day = static_cast<std::int64_t>(a_day);
  if (a_day >= 1) {
    constexpr double kMostDays = 1'000'000;
    health.full_in_days = static_cast<std::int64_t>(
        std::min(kMostDays, static_cast<double>(room.free + room.spare) / a_day));
  }
}

}  // namespace

Health examine(const Moments& moments,
               std::span<const schema::MissedRun> missed,
               const HealthQuestion& question) {
  Health health;
  health.usual_us = usual_interval_us(moments);
  health.age_us = question.now.microseconds - moments.all().back().begin.wall.microseconds;
  health.waiting = question.waiting;
  for (const schema::MissedRun& run : missed) {
    if (run.at.microseconds > question.now.microseconds - kDay) {
      health.missed += run.count;
    }
  }
  forecast(health, moments, question.room);

  const auto note = [&](bool holds, Trouble trouble) {
    if (holds) {
      health.troubles.push_back(trouble);
    }
  };
  const std::int64_t due =
      question.expect_every_us.value_or(health.usual_us.value_or(kUnknownInterval));
  note(health.age_us > 3 * due + kMinute, Trouble::Stale);
  note(health.age_us < -kMinute, Trouble::ClockBehind);
  note(health.missed > 0, Trouble::Missed);
  note(health.waiting > 0, Trouble::Waiting);
  const auto rest = static_cast<std::uint64_t>(100 - question.fullest_percent);
  note(question.room.free < question.room.whole * rest / 100, Trouble::LittleRoom);
  note(health.full_in_days && *health.full_in_days < question.fewest_days, Trouble::FullSoon);
  return health;
}

}  // namespace sockwitness::query
