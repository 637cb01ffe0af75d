#include "query/analysis/chronicle.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::build_chronicle;
using query::ChronicleKind;
using schema::SnapshotInfo;
using test::info_at;

namespace {

std::vector<ChronicleKind> kinds_of(const std::vector<SnapshotInfo>& snapshots) {
  std::vector<ChronicleKind> kinds;
  for (const auto& event : build_chronicle(snapshots, {})) {
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

TEST_CASE("a missing stretch is a gap in time, with its length") {
  const std::vector<SnapshotInfo> snapshots{
      info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 30)};
  const auto events = build_chronicle(snapshots, {});
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
  const auto events = build_chronicle(snapshots, {});
  REQUIRE(events.size() == (row.step ? 1U : 0U));
  if (row.step) {
    CHECK(events[0].kind == ChronicleKind::ClockStep);
    CHECK(events[0].amount_us == row.moved_us);
  }
}

TEST_CASE("sleep is a suspend and no clock step") {
  std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  snapshots[2].begin.monotonic_ns -= 120'000'000'000;
  const auto events = build_chronicle(snapshots, {});
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
  const auto events = build_chronicle(snapshots, missed);
  REQUIRE(events.size() == 3);
  CHECK(events[0].before == 0U);
  CHECK(events[0].missed == 2U);
  CHECK(events[1].before == 1U);
  CHECK(events[1].missed == 0U);
  CHECK_FALSE(events[2].before);
  CHECK(events[2].missed == 1U);
}

}  // namespace sockwitness
