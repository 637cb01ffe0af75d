#include "query/analysis/history/chronicle.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::build_chronicle;
using query::ChronicleEvent;
using query::ChronicleKind;
using query::ChronicleOptions;
using query::GapCause;
using schema::SnapshotInfo;
using test::info_at;

namespace {

// Without the begin, which every history has.
std::vector<ChronicleEvent> chronicle_of(const std::vector<SnapshotInfo>& snapshots,
                                         const std::vector<schema::MissedRun>& missed,
                                         const ChronicleOptions& options = {}) {
  auto events = build_chronicle(query::moments_of(snapshots), missed, options);
  std::erase_if(events, [](const ChronicleEvent& event) {
    return event.kind == ChronicleKind::RecorderStarted;
  });
  return events;
}

std::vector<ChronicleKind> kinds_of(const std::vector<SnapshotInfo>& snapshots) {
  std::vector<ChronicleKind> kinds;
  for (const auto& event : chronicle_of(snapshots, {})) {
    kinds.push_back(event.kind);
  }
  return kinds;
}

}  // namespace

TEST_CASE("a regular history has no events") {
  CHECK(kinds_of({info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 15)}).empty());
  CHECK(kinds_of({}).empty());
  CHECK(kinds_of({info_at(1, 0)}).empty());
}

TEST_CASE("a note stands at its snapshot, the first one's too") {
  query::Moments moments = query::moments_of({{info_at(1, 0), info_at(2, 5), info_at(3, 10)}});
  moments.set_notes({{schema::Seq(1), "first"}, {schema::Seq(3), "before the \x1b[31mupgrade"}});
  std::vector<std::pair<std::size_t, std::string>> notes;
  for (const auto& event : build_chronicle(moments, {}, {})) {
    if (event.kind == ChronicleKind::Noted) {
      notes.emplace_back(event.before.value(), event.note);
    }
  }
  CHECK(notes == std::vector<std::pair<std::size_t, std::string>>{
                     {0, "first"}, {2, "before the \x1b[31mupgrade"}});
}

TEST_CASE("a missing stretch is a gap in time, with its length") {
  const std::vector<SnapshotInfo> snapshots{
      info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 30)};
  const auto events = chronicle_of(snapshots, {});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == ChronicleKind::TimeGap);
  CHECK(events[0].before == 3U);
  CHECK(events[0].amount_us == 20 * test::kMinuteUs);
}

TEST_CASE("another boot id is a reboot, and its clocks are not compared") {
  SnapshotInfo after = info_at(3, 10, "b");
  after.begin.since_boot = {0};
  after.begin.monotonic_ns = 0;
  CHECK(kinds_of({info_at(1, 0), info_at(2, 5), after}) == std::vector{ChronicleKind::Reboot});
}

TEST_CASE("clock steps are told from slewing, with their sign") {
  struct Row {
    std::int64_t moved_us;
    bool step;
  };
  // Five minutes apart: the allowance is two seconds and 500 parts per million, 2.15 s.
  const Row row = GENERATE(values<Row>({{2'100'000, false},
                                        {-2'100'000, false},
                                        {2'200'000, true},
                                        {-2'200'000, true},
                                        {315'360'000'000'000, true}}));
  CAPTURE(row.moved_us);
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5)};
  snapshots[1].begin.wall.microseconds += row.moved_us;
  const auto events = chronicle_of(snapshots, {});
  REQUIRE(events.size() == (row.step ? 1U : 0U));
  if (row.step) {
    CHECK(events[0].kind == ChronicleKind::ClockStep);
    CHECK(events[0].amount_us == row.moved_us);
  }
}

TEST_CASE("sleep is a suspend and no clock step") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  snapshots[2].begin.monotonic_ns -= 120'000'000'000;
  const auto events = chronicle_of(snapshots, {});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == ChronicleKind::Suspend);
  CHECK(events[0].amount_us == 120'000'000);
}

TEST_CASE("runs that gave no snapshot stand where they happened") {
  const std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5)};
  const std::vector<schema::MissedRun> missed{
      {{0}, schema::MissedKind::Failed, 1, "disk full", schema::Seq(1)},
      {{0}, schema::MissedKind::Skipped, 1, "", schema::Seq(2)},
      {{0}, schema::MissedKind::Late, 3, "", std::nullopt}};
  const auto events = chronicle_of(snapshots, missed);
  REQUIRE(events.size() == 3);
  CHECK(events[0].before == 0U);
  CHECK(events[0].missed == 2U);
  CHECK(events[1].before == 1U);
  CHECK(events[1].missed == 0U);
  CHECK_FALSE(events[2].before);
  CHECK(events[2].missed == 1U);
}

namespace {

// A made-up history of one host, and what was done to its clocks, told apart from the readings.
struct ClockHistory {
  std::vector<SnapshotInfo> snapshots;
  std::vector<std::pair<std::size_t, std::int64_t>> steps;  // position, microseconds
  std::vector<std::pair<std::size_t, std::int64_t>> sleeps;
  std::vector<std::size_t> boots;
  std::vector<std::size_t> set_back_at_boot;
};

ClockHistory draw_history(std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  const auto below = [&](std::uint64_t bound) { return static_cast<std::int64_t>(dice() % bound); };
  const auto one_in = [&](std::uint64_t chance) { return dice() % chance == 0; };
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kYear = 31'557'600 * kSecond;
  constexpr std::int64_t kSizes[] = {
      1 * kSecond, 3 * kSecond, 61 * kSecond, 3'600 * kSecond, kYear, 10 * kYear};
  ClockHistory history;
  // One begins before the year 2038 and ends after it, one at the epoch.
  std::int64_t wall = seed % 3 == 0   ? 2'147'483'000 * kSecond
                      : seed % 3 == 1 ? test::kSceneTime.microseconds
                                      : 0;
  std::int64_t boot_clock = 30 * kSecond;
  std::int64_t awake = boot_clock;
  std::int64_t boot = 0;
  const std::int64_t slew = below(1001) - 500;  // parts per million, while this history lasts
  for (std::int64_t seq = 1; seq <= 120; ++seq) {
    const auto at = history.snapshots.size();
    std::int64_t elapsed = (60 + below(600)) * kSecond + below(kSecond);
    if (at > 0 && one_in(25)) {
      boot += 1;
      boot_clock = awake = elapsed = 40 * kSecond;
      const bool lost = one_in(2);  // a board without a clock of its own wakes up in the past
      wall = lost ? below(kYear) : wall + below(kYear);
      history.boots.push_back(at);
      if (wall < history.snapshots.back().begin.wall.microseconds) {
        history.set_back_at_boot.push_back(at);
      }
    } else {
      if (at > 0 && one_in(10)) {
        const std::int64_t asleep = (2 + below(100'000)) * kSecond;
        elapsed += asleep;
        awake -= asleep;
        history.sleeps.emplace_back(at, asleep);
      }
      boot_clock += elapsed;
      awake += elapsed;
      wall += elapsed + elapsed / 1'000'000 * slew;
      if (at > 0 && one_in(8)) {
        const std::int64_t step = kSizes[dice() % std::size(kSizes)] * (one_in(2) ? 1 : -1);
        // A second, as a leap second, is no step. The sizes between are left out: over a long
        // sleep they cannot be told from slewing.
        const bool large = std::abs(step) > 2 * kSecond + elapsed / 1000;
        if (large) {
          history.steps.emplace_back(at, step);
        }
        wall += large || std::abs(step) == kSecond ? step : 0;
      }
    }
    SnapshotInfo info;
    info.seq = schema::Seq(seq);
    info.begin = {{wall}, {boot_clock * 1000}, awake * 1000};
    info.end = info.begin;
    info.context.boot_id = std::to_string(boot);
    history.snapshots.push_back(info);
  }
  return history;
}

}  // namespace

TEST_CASE("every step of a clock is found with sign and size, and nothing else is taken for one") {
  std::size_t steps = 0;
  std::size_t sleeps = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ClockHistory history = draw_history(seed);
    INFO("seed " << seed);
    ClockHistory found;
    std::vector<std::size_t> order;
    for (const auto& event : chronicle_of(history.snapshots, {})) {
      order.push_back(*event.before);
      if (event.kind == ChronicleKind::ClockStep && event.amount_us) {
        found.steps.emplace_back(*event.before, *event.amount_us);
      } else if (event.kind == ChronicleKind::ClockStep) {
        found.set_back_at_boot.push_back(*event.before);
      } else if (event.kind == ChronicleKind::Suspend) {
        found.sleeps.emplace_back(*event.before, *event.amount_us);
      } else if (event.kind == ChronicleKind::Reboot) {
        found.boots.push_back(*event.before);
      }
    }
    REQUIRE(std::is_sorted(order.begin(), order.end()));
    REQUIRE(found.boots == history.boots);
    REQUIRE(found.set_back_at_boot == history.set_back_at_boot);
    REQUIRE(found.sleeps == history.sleeps);
    REQUIRE(found.steps.size() == history.steps.size());
    for (std::size_t at = 0; at < found.steps.size(); ++at) {
      REQUIRE(found.steps[at].first == history.steps[at].first);
      // What the slewing of the same interval adds or takes cannot be told apart from the step.
      const std::int64_t error = found.steps[at].second - history.steps[at].second;
      const auto& from = history.snapshots[found.steps[at].first - 1].begin.since_boot;
      const auto& to = history.snapshots[found.steps[at].first].begin.since_boot;
      REQUIRE(std::abs(error) <= (to.nanoseconds - from.nanoseconds) / 1000 / 2000);
    }
    steps += found.steps.size();
    sleeps += found.sleeps.size();
  }
  CHECK(steps > 1000);
  CHECK(sleeps > 1000);
}

TEST_CASE("why nothing was recorded is told apart") {
  std::vector<SnapshotInfo> snapshots{
      info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 40), info_at(5, 45)};
  const auto gap_of = [&](const std::vector<schema::MissedRun>& missed) {
    for (const auto& event : chronicle_of(snapshots, missed)) {
      if (event.kind == ChronicleKind::TimeGap) {
        CHECK(event.before == 3U);
        CHECK(event.missing_runs == 5);
        return event.cause;
      }
    }
    FAIL("no gap");
    return GapCause::Unknown;
  };
  const auto run = [](schema::MissedKind kind) {
    return schema::MissedRun{{0}, kind, 1, "", schema::Seq(3)};
  };
  CHECK(gap_of({}) == GapCause::Unknown);
  CHECK(gap_of({run(schema::MissedKind::Failed)}) == GapCause::Failed);
  CHECK(gap_of({run(schema::MissedKind::Skipped)}) == GapCause::Skipped);
  CHECK(gap_of({run(schema::MissedKind::Late)}) == GapCause::Late);
  CHECK(gap_of({run(schema::MissedKind::Late), run(schema::MissedKind::Failed)}) ==
        GapCause::Failed);
  snapshots[3].begin.monotonic_ns -= 25LL * 60 * 1'000'000'000;
  snapshots[4].begin.monotonic_ns = snapshots[3].begin.monotonic_ns + 300'000'000'000;
  CHECK(gap_of({}) == GapCause::Suspended);
  snapshots[3].context.boot_id = snapshots[4].context.boot_id = "b";
  CHECK(gap_of({run(schema::MissedKind::Skipped)}) == GapCause::PoweredOff);
}

TEST_CASE("missing runs are counted by what is expected, stated or usual, in this order") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  const auto missing = [&](const ChronicleOptions& options) {
    std::int64_t runs = 0;
    for (const auto& event : chronicle_of(snapshots, {}, options)) {
      runs += event.kind == ChronicleKind::TimeGap ? event.missing_runs : 0;
    }
    return runs;
  };
  CHECK(missing({}) == 0);
  for (SnapshotInfo& info : snapshots) {
    info.context.every_us = 60'000'000;
  }
  CHECK(missing({}) == 8);
  CHECK(missing({150'000'000, std::nullopt}) == 2);
  CHECK(missing({300'000'000, std::nullopt}) == 0);
}

TEST_CASE("a history that ended too early says so when it is asked") {
  const std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5)};
  const auto until = [](std::int64_t minute) {
    return ChronicleOptions{
        {}, schema::WallTime{test::kSceneTime.microseconds + minute * test::kMinuteUs}};
  };
  CHECK(chronicle_of(snapshots, {}).empty());
  CHECK(chronicle_of(snapshots, {}, until(12)).empty());
  const auto events = chronicle_of(snapshots, {}, until(35));
  REQUIRE(events.size() == 1);
  CHECK_FALSE(events[0].before);
  CHECK(events[0].amount_us == 30 * test::kMinuteUs);
  CHECK(events[0].missing_runs == 5);
}

TEST_CASE("another recorder is named, the begin always") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  snapshots[1].context.recorder_version = "2";
  snapshots[2].context.recorder_version = "2";
  const auto events = build_chronicle(query::moments_of(snapshots), {}, {});
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == ChronicleKind::RecorderStarted);
  CHECK(events[0].before == 0U);
  CHECK(events[1].kind == ChronicleKind::RecorderChanged);
  CHECK(events[1].before == 1U);
}

// A recorder that may not read the id of the boot, now and then or never, rebooted nothing.
TEST_CASE("an unknown boot is no other boot") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 15)};
  const schema::BootId unknown;
  snapshots[1].context.boot_id = unknown;
  CHECK(kinds_of(snapshots).empty());
  for (SnapshotInfo& info : snapshots) {
    info.context.boot_id = unknown;
  }
  CHECK(kinds_of(snapshots).empty());
  snapshots[3].context.boot_id = schema::BootId("named at last");
  CHECK(kinds_of(snapshots).empty());
  // Only a clock since boot that starts again is evidence.
  snapshots[3].context.boot_id = unknown;
  snapshots[2].begin.since_boot = schema::BootTime{1'000'000'000};
  snapshots[3].begin.since_boot = schema::BootTime{301'000'000'000};
  CHECK(kinds_of(snapshots) == std::vector{ChronicleKind::Reboot});
}

TEST_CASE("another boot after an unknown one is a reboot") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  snapshots[1].context.boot_id = schema::BootId();
  snapshots[2].context.boot_id = schema::BootId("another");
  CHECK(kinds_of(snapshots) == std::vector{ChronicleKind::Reboot});
}

}  // namespace sockwitness
