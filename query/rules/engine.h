// Runs rules over a stage.
//
// In:    rules, a stage, limits.
// Out:   matches; for each rule the tables that it read; for those that failed, why.
// Never: writes, waits longer than the limits, or lets one rule stop another before time is up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/findings/match.h"
#include "query/analysis/findings/rule_failure.h"
#include "query/rules/stage.h"

namespace sockwitness::query {

struct RuleLimits {
  std::chrono::milliseconds time{5000};   // for one rule
  std::chrono::milliseconds all{60'000};  // for all of them, on one stage
  std::size_t rows = 10'000;              // of one rule
  // Handed in: tests let it jump.
  std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
};

struct RuleRun {
  std::vector<Match> matches;
  std::vector<RuleFailure> failures;
  std::vector<RuleReads> reads;
};

class Engine {
 public:
  explicit Engine(RuleLimits limits = {});

  // Those that are switched on. The rules must outlive the matches.
  [[nodiscard]] RuleRun run(Stage& stage, std::span<const Rule> rules);
  // Whether they can run, without running them: no matches.
  [[nodiscard]] RuleRun prepare(Stage& stage, std::span<const Rule> rules);

 private:
  class Execution;
  enum class Step { Prepare, Run };

  RuleRun go(Stage& stage, std::span<const Rule> rules, Step step);

  RuleLimits limits_;
  std::set<std::string> names_;  // of evidence: matches refer to them
};

}  // namespace sockwitness::query
