#include "query/analysis/history/pick.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::judge_pick;
using schema::SnapshotInfo;
using test::info_at;

namespace {

schema::WallTime minute(std::int64_t at) {
  return {test::kSceneTime.microseconds + at * test::kMinuteUs};
}

}  // namespace

TEST_CASE("an instant between regular snapshots is well covered") {
  const std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  const auto pick = judge_pick(snapshots, {}, 1, minute(8));
  CHECK(pick.distance_us == 3 * test::kMinuteUs);
  CHECK(pick.note.empty());
  CHECK(judge_pick(snapshots, {}, 2, minute(12)).note.empty());
}

TEST_CASE("an instant that nobody watched says so") {
  const std::vector<SnapshotInfo> snapshots{
      info_at(1, 0), info_at(2, 5), info_at(3, 10), info_at(4, 40)};
  CHECK_THAT(judge_pick(snapshots, {}, 2, minute(20)).note,
             Catch::StartsWith("nothing was recorded for 30 minutes until snapshot 4"));
  CHECK_THAT(judge_pick(snapshots, {}, 3, minute(60)).note, Catch::Contains("20 minutes later"));
  CHECK(judge_pick(snapshots, {}, 2, minute(10)).note.empty());
}

TEST_CASE("failed runs are named") {
  const std::vector<SnapshotInfo> snapshots{info_at(1, 0), info_at(2, 5), info_at(3, 10)};
  const std::vector<schema::MissedRun> missed{
      {minute(7), schema::MissedKind::Failed, 1, "disk full", schema::Seq(2)}};
  CHECK_THAT(judge_pick(snapshots, missed, 1, minute(8)).note,
             Catch::EndsWith("1 run gave no snapshot (disk full)"));
  CHECK(judge_pick(snapshots, missed, 0, minute(3)).note.empty());
}

TEST_CASE("durations read in one unit") {
  struct Row {
    std::int64_t seconds;
    const char* words;
  };
  const Row row = GENERATE(values<Row>({{0, "less than a second"},
                                        {1, "1 second"},
                                        {59, "59 seconds"},
                                        {60, "1 minute"},
                                        {90, "90 seconds"},
                                        {240, "4 minutes"},
                                        {3600, "1 hour"},
                                        {5400, "90 minutes"},
                                        {86400, "1 day"},
                                        {129600, "36 hours"},
                                        {864000, "10 days"}}));
  CHECK(query::duration_words(row.seconds * 1'000'000) == row.words);
}

}  // namespace sockwitness
