// Rules that could not run, and the tables that each rule reads.
//
// In:    from the rule engine.
// Out:   plain values.
// Never: left out of an answer: a rule that could not run has not found nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/analysis/findings/rule.h"

namespace sockwitness::query {

struct RuleFailure {
  const Rule* rule = nullptr;
  std::string reason;      // in SQLite's words or ours
  std::uint32_t line = 0;  // of the rule's file
  bool partial = false;    // it found something before it was stopped
};

struct RuleReads {
  const Rule* rule = nullptr;
  std::vector<std::string> tables;
};

}  // namespace sockwitness::query
