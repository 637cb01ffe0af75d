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

LockText content(std::optional<CommitNote> commit, std::vector<MissedRun> runs) {
  LockText text;
  text.committed = std::move(commit);
  text.missed = std::move(runs);
  return text;
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
  const std::string text = format_lock_text(content({}, runs));
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

TEST_CASE("a torn or foreign line is passed over and counted") {
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
  const bool says_something = std::string(text).find_first_not_of('\n') != std::string::npos;
  LockText damaged = parse_lock_text(text);
  CHECK(damaged.unreadable == (says_something ? 1U : 0U));
  account_for_damage(damaged, schema::WallTime{7});
  CHECK(total(damaged.missed) == (says_something ? 1U : 0U));
  CHECK(damaged.unreadable == 0);
}

TEST_CASE("the marks of runs come back") {
  using Stage = RunMark::Stage;
  const auto stage = GENERATE(Stage::Looking, Stage::Writing, Stage::Spooling);
  const RunMark mark{schema::WallTime{-5},
                     schema::BootTime{97'103'000'000},
                     stage,
                     stage == Stage::Spooling ? 4'294'967'295U : 0U};
  LockText text = content(CommitNote{{"0123456789ABCDEF0123456789ABCDEF", 42, 17}, true},
                          {run(MissedKind::Failed, 1, "running 1 2 looking")});
  text.running = mark;
  text.unsettled = RunMark{schema::WallTime{3}, schema::BootTime{4}, Stage::Writing, 0};
  const LockText back = parse_lock_text(format_lock_text(text));
  CHECK(back.running == mark);
  CHECK(back.unsettled == text.unsettled);
  CHECK(back.committed == text.committed);
  CHECK(back.missed.size() == 1);
  CHECK(back.unreadable == 0);
}

TEST_CASE("a torn mark is no mark") {
  const char* text = GENERATE("running",
                              "running 1",
                              "running 1 2",
                              "running 1 2 ",
                              "running 1 2 look",
                              "running 1 2 looking ",
                              "running 1 2 spooling",
                              "running 1 2 spooling ",
                              "running 1 2 spooling 4294967296",
                              "running x 2 looking",
                              "unsettled 1 y writing");
  CAPTURE(text);
  const LockText content = parse_lock_text(text);
  CHECK(!content.running);
  CHECK(!content.unsettled);
  CHECK(content.unreadable == 1);
  const LockText twice = parse_lock_text("running 1 2 looking\nrunning 3 4 looking\n");
  CHECK(twice.running->at.microseconds == 1);
  CHECK(twice.unreadable == 1);
}

TEST_CASE("a count that grows by a digit in a full text loses no run") {
  for (std::size_t spare = 0; spare < 40; ++spare) {
    std::vector<MissedRun> runs(21, run(MissedKind::Failed, 1, std::string(160, 'r')));
    runs.resize(20);
    runs.push_back(run(MissedKind::Failed, 9, std::string(100 + spare, 'r')));
    for (int more = 0; more < 5; ++more) {
      runs.push_back(run(MissedKind::Failed, 1, std::string(160, 'x')));
    }
    CAPTURE(spare);
    REQUIRE(total(parse_lock_text(format_lock_text(content({}, runs))).missed) == 34);
  }
}

TEST_CASE("the last commit stands first and keeps its place") {
  const CommitNote commit{{"0123456789ABCDEF0123456789ABCDEF", 42, 17}, false};
  std::vector<MissedRun> runs(200, run(MissedKind::Skipped, 1, std::string(100, 'r')));
  const std::string text = format_lock_text(content(commit, runs));
  CHECK(text.size() == kLockTextSize);
  CHECK(text.starts_with("committed 42 17 0123456789ABCDEF0123456789ABCDEF\n"));
  CHECK(parse_lock_text(text).committed == commit);
  CHECK(total(parse_lock_text(text).missed) == 200);
  const CommitNote writing{commit.last, true};
  CHECK(parse_lock_text(format_lock_text(content(writing, runs))).committed == writing);
  CHECK(!parse_lock_text(format_lock_text(content({}, runs))).committed);
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
    text = format_lock_text(content({}, runs));
    REQUIRE(text.size() == kLockTextSize);
    REQUIRE(total(parse_lock_text(text).missed) == count);
  }
}

}  // namespace sockwitness::recorder
