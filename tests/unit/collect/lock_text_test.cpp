#include "recorder/write/lock_text.h"

#include <numeric>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::MissedKind;
using schema::MissedRun;

MissedRun run(MissedKind kind, std::uint32_t count, std::string reason) {
  return {schema::WallTime{1'763'869'800'000'000}, kind, count, std::move(reason), {}};
}

std::uint64_t total(const std::vector<MissedRun>& runs) {
  return std::accumulate(
      runs.begin(), runs.end(), std::uint64_t{0}, [](std::uint64_t sum, const MissedRun& one) {
        return sum + one.count;
      });
}

}  // namespace

TEST_CASE("notes come back and keep their size") {
  const std::vector<MissedRun> runs{run(MissedKind::Skipped, 1, "another run was under way"),
                                    run(MissedKind::Failed, 1, "no space\nleft"),
                                    run(MissedKind::Late, 7, "")};
  const std::string text = format_lock_text({{}, runs});
  CHECK(text.size() == kLockTextSize);
  const auto back = parse_lock_text(text).missed;
  REQUIRE(back.size() == 3);
  CHECK(back[0].reason == "another run was under way");
  CHECK(back[1].reason == "no space left");
  CHECK(back[1].kind == MissedKind::Failed);
  CHECK(back[2].count == 7);
  CHECK(back[2].at == runs[2].at);
  CHECK(parse_lock_text(format_lock_text({})).missed.empty());
}

TEST_CASE("a torn or foreign line is passed over") {
  const char* text = GENERATE("",
                              "\n\n\n",
                              "17638698000",
                              "x skipped 1 reason",
                              "1 dozed 1 reason",
                              "1 skipped 0 reason",
                              "1 skipped -1 reason",
                              "1 skipped 4294967296 reason",
                              "1 skipped",
                              " 1 skipped 1 reason");
  CAPTURE(text);
  CHECK(parse_lock_text(text).missed.empty());
  CHECK(parse_lock_text(std::string(text) + "\n2 failed 3 full\n").missed.size() == 1);
}

TEST_CASE("the last commit stands first and keeps its place") {
  const CommitNote commit{{"0123456789ABCDEF0123456789ABCDEF", 42, 17}, false};
  std::vector<MissedRun> runs(200, run(MissedKind::Skipped, 1, std::string(100, 'r')));
  const std::string text = format_lock_text({commit, runs});
  CHECK(text.size() == kLockTextSize);
  CHECK(text.starts_with("committed 42 17 0123456789ABCDEF0123456789ABCDEF\n"));
  CHECK(parse_lock_text(text).committed == commit);
  CHECK(total(parse_lock_text(text).missed) == 200);
  const CommitNote writing{commit.last, true};
  CHECK(parse_lock_text(format_lock_text({writing, runs})).committed == writing);
  CHECK(!parse_lock_text(format_lock_text({{}, runs})).committed);
  for (const char* torn : {"",
                           "committed",
                           "committed 42",
                           "committed 42 17 0123",
                           "committed 0 17 0123456789ABCDEF0123456789ABCDEF",
                           "committed 42 x 0123456789ABCDEF0123456789ABCDEF",
                           "committed 42 17 0123456789abcdef0123456789ABCDEF"}) {
    CAPTURE(torn);
    CHECK(!parse_lock_text(torn).committed);
  }
}

TEST_CASE("when there is no room no run is lost from the count") {
  std::vector<MissedRun> runs;
  std::string text;
  for (std::uint32_t count = 1; count <= 500; ++count) {
    runs = parse_lock_text(text).missed;
    runs.push_back(run(MissedKind::Skipped, 1, std::string(count % 400, 'r')));
    text = format_lock_text({{}, runs});
    REQUIRE(text.size() == kLockTextSize);
    REQUIRE(total(parse_lock_text(text).missed) == count);
  }
}

}  // namespace sockwitness::recorder
