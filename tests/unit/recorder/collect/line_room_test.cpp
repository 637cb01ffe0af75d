// What long command lines may add to the file: shorter ones first, nothing twice, a gap for each
// that is not whole.
#include "recorder/collect/line_room.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "recorder/observe/line_limits.h"
#include "schema/chain/measure.h"

namespace sockwitness::recorder {
namespace {

using schema::Snapshot;

std::string random_text(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random()); });
  return text;
}

void add(Snapshot& snapshot, int pid, std::string line) {
  schema::Process process;
  process.pid = schema::Pid(pid);
  process.long_line = schema::measure_if_long(line);
  process.command_line = std::move(line);
  snapshot.processes.push_back(std::move(process));
}

std::vector<int> shortened(const Snapshot& snapshot) {
  std::vector<int> pids;
  for (const schema::Process& process : snapshot.processes) {
    if (process.long_line && process.long_line->shortened()) {
      CHECK(process.command_line->size() == schema::kAlwaysWhole);
      pids.push_back(process.pid.value());
    }
  }
  std::vector<int> gaps;
  for (const schema::Gap& gap : snapshot.gaps) {
    CHECK(gap.source == schema::GapSource::ProcessField);
    CHECK(gap.reason == schema::GapReason::Truncated);
    CHECK(gap.object == schema::GapPart::CommandLine);
    gaps.push_back(gap.pid->value());
  }
  std::sort(gaps.begin(), gaps.end());
  std::sort(pids.begin(), pids.end());
  CHECK(gaps == pids);
  return pids;
}

constexpr std::size_t kHalf = kNewLineBytes / 2;

}  // namespace

TEST_CASE("line room: what fits stays whole") {
  Snapshot now;
  add(now, 1, random_text(kHalf, 1));
  add(now, 2, "short");
  now.processes.emplace_back();  // without a line
  fit_new_lines(now, nullptr);
  CHECK(shortened(now).empty());
}

TEST_CASE("line room: the longest call with the usual limits fits by itself") {
  Snapshot now;
  add(now, 1, random_text(1'800'000, 1));
  fit_new_lines(now, nullptr);
  CHECK(shortened(now).empty());
}

TEST_CASE("line room: of many different ones the shorter come first") {
  Snapshot now;
  add(now, 1, random_text(kHalf, 1));
  add(now, 2, random_text(kHalf, 2));
  add(now, 3, random_text(20'000, 3));
  add(now, 4, random_text(kHalf + 1, 4));
  fit_new_lines(now, nullptr);
  CHECK(shortened(now) == std::vector<int>{2, 4});
}

TEST_CASE("line room: nearly equal ones take the room of one") {
  const std::string text = random_text(kHalf, 1);
  Snapshot now;
  for (int pid = 1; pid <= 50; ++pid) {
    add(now, pid, text + std::to_string(pid));
  }
  fit_new_lines(now, nullptr);
  CHECK(shortened(now).empty());
}

TEST_CASE("line room: what the snapshot before has adds nothing") {
  Snapshot before;
  Snapshot now;
  for (int pid = 1; pid <= 8; ++pid) {
    const std::string text = random_text(kHalf, static_cast<std::uint64_t>(pid));
    add(before, pid, text);
    add(now, pid, text);        // goes on
    add(now, pid + 100, text);  // was started with the same
    add(now, pid + 200, "x" + text);
  }
  Snapshot afresh = now;
  fit_new_lines(now, &before);
  CHECK(shortened(now).empty());
  fit_new_lines(afresh, nullptr);
  CHECK_FALSE(shortened(afresh).empty());
}

TEST_CASE("line room: all lines together have a limit, whatever they share") {
  const std::string text = random_text(kLongestLine - 100, 1);
  Snapshot before;
  Snapshot now;
  constexpr int kMost = static_cast<int>(kLinesInMemory / kLongestLine);
  for (int pid = 1; pid <= kMost - 1; ++pid) {
    add(before, pid, text + std::to_string(pid));
    add(now, pid, text + std::to_string(pid));
  }
  for (int pid = kMost; pid <= kMost + 3; ++pid) {
    add(now, pid, text + "another " + std::to_string(pid));
  }
  fit_new_lines(now, &before);
  CHECK(shortened(now) == std::vector<int>{kMost + 1, kMost + 2, kMost + 3});
}

TEST_CASE("line room: one that was shortened before stays as it is") {
  Snapshot now;
  add(now, 1, random_text(kHalf, 1));
  schema::keep_ends(*now.processes[0].command_line, *now.processes[0].long_line);
  const Snapshot was = now;
  fit_new_lines(now, nullptr);
  CHECK(now.processes == was.processes);
  CHECK(now.gaps.empty());  // whoever shortened it said so
}

}  // namespace sockwitness::recorder
