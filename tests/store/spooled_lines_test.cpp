// `spool` at random times of made-up histories, against one run over the whole: the lines of many
// runs are those of one from nothing, whatever had been recorded when each of them ran.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "query/app/rule_sources.h"
#include "query/app/spool_run.h"
#include "tests/store/history_file.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/service_history.h"

namespace sockwitness {

using namespace query;

namespace {

std::uint64_t seeds() {
  return std::getenv("SOCKWITNESS_LONG") != nullptr ? 150 : 2;
}

constexpr std::uint64_t kLength = 40;  // snapshots of a history

const OnProgress kNoTick = [](std::int64_t, std::int64_t) {};

using Lines = std::map<std::string, std::multiset<std::string>>;

Lines read_lines(const std::string& folder) {
  Lines lines;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".jsonl")) {
      continue;
    }
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      lines[name.substr(0, name.find('.'))].insert(line);
    }
  }
  return lines;
}

template <class Host>
class Spooled {
 public:
  Spooled(std::uint64_t seed, bool findings)
      : seed_(seed), findings_(findings), host_(seed), path_(directory_.file("w.db")) {}

  void run() {
    std::mt19937_64 dice(seed_);
    for (std::uint64_t count = 1; count <= kLength; ++count) {
      grow();
      if (count == kLength || dice() % 5 == 0) {
        spool("many");
        ++runs;
      }
    }
    spool("many");  // nothing is new
    spool("one");
    compare();
  }

  std::map<std::string, std::size_t> counts;
  std::size_t runs = 0;

 private:
  void grow();

  void spool(const std::string& name) {
    History history = History::open(path_);
    Judge judge(history, sources_.book, policy_.acceptances, names_, std::nullopt);
    LineSpool lines(directory_.file(name), {std::uint64_t{1} << 14, std::uint64_t{1} << 30});
    SpoolCursor cursor;
    if (lines.cursor()) {
      const auto kept = parse_spool_cursor(*lines.cursor());
      REQUIRE(kept);
      REQUIRE(write_spool_cursor(*kept) == *lines.cursor());
      cursor = *kept;
    }
    const SpoolSettings settings{.policy = policy_,
                                 .policy_hash = {},
                                 .peers = 3,
                                 .judged = 1000,
                                 .findings = findings_,
                                 .epoch = 8,
                                 .longest_epoch = 20};
    SpoolReport report;
    SpoolRun(history, &judge, settings, lines, cursor, kNoTick).run(report);
    CHECK(report.notes.empty());
  }

  void compare() {
    const Lines many = read_lines(directory_.file("many"));
    const Lines one = read_lines(directory_.file("one"));
    for (const auto* kind : {"snapshots", "services", "programs", "peers", "findings"}) {
      const auto of = [&](const Lines& lines) {
        const auto found = lines.find(kind);
        return found == lines.end() ? std::multiset<std::string>() : found->second;
      };
      std::vector<std::string> only_many;
      std::vector<std::string> only_one;
      const auto left = of(many);
      const auto right = of(one);
      std::set_difference(
          left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only_many));
      std::set_difference(
          right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(only_one));
      CAPTURE(seed_, kind);
      CHECK(only_many == std::vector<std::string>());
      CHECK(only_one == std::vector<std::string>());
      counts[kind] += left.size();
    }
  }

  std::uint64_t seed_;
  bool findings_;
  Host host_;
  test::ScratchDir directory_;
  std::string path_;
  RuleSources sources_ = read_rule_sources({});
  Policy policy_;
  PortNames names_;
};

template <>
void Spooled<test::ServiceHistory>::grow() {
  test::append_snapshot(path_, host_.next());
}
template <>
void Spooled<test::RandomHistory>::grow() {
  test::append_snapshot(path_, host_.next().snapshot);
}

template <class Host>
void try_all(std::uint64_t seeds, bool findings, const std::vector<std::string>& kinds) {
  std::map<std::string, std::size_t> counts;
  std::size_t runs = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Spooled<Host> spooled(seed, findings);
    spooled.run();
    runs += spooled.runs;
    for (const auto& [kind, count] : spooled.counts) {
      counts[kind] += count;
    }
  }
  CHECK(runs > 3 * seeds);
  for (const std::string& kind : kinds) {
    CAPTURE(kind);
    CHECK(counts[kind] > 2);
  }
}

}  // namespace

TEST_CASE("spool: many runs over services write the lines of one") {
  try_all<test::ServiceHistory>(seeds(), true, {"snapshots", "services", "programs", "findings"});
}

TEST_CASE("spool: many runs over anything write the lines of one") {
  try_all<test::RandomHistory>(3 * seeds(), false, {"snapshots", "services", "programs", "peers"});
}

}  // namespace sockwitness
