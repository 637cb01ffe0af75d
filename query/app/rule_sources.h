// Where rules come from: built in, and /etc/sockwitness/rules.d or where the options say.
//
// In:    --rules as typed; the policy that refers to rules.
// Out:   the rule book; what is wrong with the files, and with references to rules.
// Never: takes a folder that was named and is not there for an empty one.
#pragma once

#include <string>
#include <vector>

#include "query/analysis/policy.h"
#include "query/rules/rule_book.h"
#include "schema/base/error.h"

namespace sockwitness::query {

struct RuleSources {
  RuleBook book;
  std::vector<schema::Error> problems;  // of files that were not taken, whole or in part
};

// `folder` as typed; empty for the usual one. Throws schema::Error (Usage) when it was named and is
// not there.
[[nodiscard]] RuleSources read_rule_sources(const std::string& folder);

// Acceptances of the policy that can cover nothing, because there is no such rule here.
[[nodiscard]] std::vector<schema::Error> unknown_rules(const Policy& policy, const RuleBook& book);

// Acceptances of the policy that name no case, so that they cover whatever their rule finds.
[[nodiscard]] std::vector<schema::Error> sweeping_acceptances(const Policy& policy);

}  // namespace sockwitness::query
