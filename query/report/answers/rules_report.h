// The answers of `rules`: which rules there are, and all about one of them.
//
// In:    rules, what is wrong with some, the version of all.
// Out:   a document for machines, pages for people.
// Never: a rule without the way to accept what it finds.
#pragma once

#include <span>
#include <string_view>

#include "query/analysis/findings/rule_failure.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "schema/base/error.h"

namespace sockwitness::query {

struct RulesInput {
  std::span<const Rule> rules;
  std::string_view version;
  std::span<const RuleFailure> failures;    // whose SQL the database does not take
  std::span<const schema::Error> problems;  // of rule files
};

[[nodiscard]] Document build_rules(const RulesInput& input);
[[nodiscard]] Page lay_out_rules(const RulesInput& input);
[[nodiscard]] Page lay_out_rule(const Rule& rule);

}  // namespace sockwitness::query
