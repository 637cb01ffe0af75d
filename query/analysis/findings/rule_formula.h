// How a rule comes to a severity, read from its condition.
//
// In:    a rule.
// Out:   the cases that move its severity, in the order in which they are tried.
// Never: runs the condition.
#pragma once

#include <string>
#include <vector>

#include "query/analysis/findings/rule.h"

namespace sockwitness::query {

struct FormulaCase {
  Severity severity = Severity::Medium;
  std::string when;  // the words of the rule; its condition in SQL where it has none
};

[[nodiscard]] std::vector<FormulaCase> formula_of(const Rule& rule);

}  // namespace sockwitness::query
