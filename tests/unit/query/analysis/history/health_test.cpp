#include "query/analysis/history/health.h"

#include <catch2/catch.hpp>

namespace sockwitness::query {

namespace {

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::uint64_t kGigabyte = 1'000'000'000;

// Every five minutes, so many; the last one at the begin of the second thousand days.
Moments every_five_minutes(std::int64_t count) {
  std::vector<Moment> moments;
  for (std::int64_t at = 0; at < count; ++at) {
    Moment moment;
    moment.seq = schema::Seq(at + 1);
    const std::int64_t before = (count - 1 - at) * 5 * kMinute;
    moment.begin.wall = {1000 * kDay - before};
    moment.begin.since_boot = {(200 * kDay - before) * 1000};
    moments.push_back(moment);
  }
  return {std::move(moments), {schema::Context{}}};
}

HealthQuestion fair() {
  HealthQuestion question;
  question.now = {1000 * kDay + 2 * kMinute};
  question.room = {kGigabyte, 100 * kGigabyte, 200 * kGigabyte};
  return question;
}

schema::MissedRun missed(std::int64_t at, std::uint32_t count) {
  schema::MissedRun run;
  run.at = {at};
  run.count = count;
  return run;
}

}  // namespace

TEST_CASE("a host that is recorded, with room, has no trouble") {
  const Health health = examine(every_five_minutes(2881), {}, fair());
  CHECK(health.troubles.empty());
  CHECK(health.usual_us == 5 * kMinute);
  CHECK(health.age_us == 2 * kMinute);
  CHECK(health.bytes_a_day == 100'000'000);  // ten days
  CHECK(health.full_in_days == 1000);
}

TEST_CASE("each trouble is told at its border and not before") {
  const Moments moments = every_five_minutes(2881);
  const auto told = [&](const HealthQuestion& question,
                        const std::vector<schema::MissedRun>& runs = {}) {
    return examine(moments, runs, question).troubles;
  };
  HealthQuestion question = fair();
  question.now = {1000 * kDay + 16 * kMinute};
  CHECK(told(question).empty());
  question.now.microseconds += 1;
  CHECK(told(question) == std::vector{Trouble::Stale});
  question.expect_every_us = 60 * kMinute;
  CHECK(told(question).empty());
  question.now = {1000 * kDay - kMinute};
  CHECK(told(question).empty());
  question.now.microseconds -= 1;
  CHECK(told(question) == std::vector{Trouble::ClockBehind});

  const std::int64_t now = fair().now.microseconds;
  CHECK(told(fair(), {missed(now - kDay, 3)}).empty());
  CHECK(told(fair(), {missed(now - kDay + 1, 3)}) == std::vector{Trouble::Missed});
  CHECK(examine(moments, std::vector{missed(now - 1, 2), missed(now - 2, 3)}, fair()).missed == 5);

  question = fair();
  question.waiting = 1;
  CHECK(told(question) == std::vector{Trouble::Waiting});

  question = fair();
  question.room = {kGigabyte, 10 * kGigabyte, 200 * kGigabyte};
  CHECK(told(question).empty());
  question.room.free -= 1;
  CHECK(told(question) == std::vector{Trouble::LittleRoom});

  question = fair();
  question.fewest_days = 1000;
  CHECK(told(question).empty());
  question.fewest_days = 1001;
  CHECK(told(question) == std::vector{Trouble::FullSoon});
}

TEST_CASE("less than a day is no forecast, one snapshot no interval") {
  const Health young = examine(every_five_minutes(288), {}, fair());
  CHECK_FALSE(young.bytes_a_day);
  CHECK_FALSE(young.full_in_days);
  CHECK(examine(every_five_minutes(289), {}, fair()).bytes_a_day);

  HealthQuestion question = fair();
  const Moments one = every_five_minutes(1);
  CHECK_FALSE(examine(one, {}, question).usual_us);
  CHECK(examine(one, {}, question).troubles.empty());
  question.now = {1000 * kDay + 17 * kMinute};
  CHECK(examine(one, {}, question).troubles == std::vector{Trouble::Stale});
}

}  // namespace sockwitness::query
