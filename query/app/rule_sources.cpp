#include "query/app/rule_sources.h"

#include <fmt/format.h>

#include "query/rules/rule_folder.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kUsualFolder = "/etc/sockwitness/rules.d";

}  // namespace

RuleSources read_rule_sources(const std::string& folder) {
  RuleFolder site = read_rule_folder(folder.empty() ? kUsualFolder : folder);
  if (!site.exists && !folder.empty()) {
    throw Error(ExitCode::Usage, fmt::format("reading rules '{}': no such folder", folder));
  }
  RuleSources sources{RuleBook(builtin_rules(), site.files), std::move(site.problems)};
  const auto& problems = sources.book.problems();
  sources.problems.insert(sources.problems.end(), problems.begin(), problems.end());
  return sources;
}

std::vector<Error> unknown_rules(const Policy& policy, const RuleBook& book) {
  std::vector<Error> problems;
  for (const FindingAcceptance& acceptance : policy.acceptances) {
    if (book.find(acceptance.rule) == nullptr) {
      problems.emplace_back(ExitCode::Usage,
                            fmt::format("reading '{}:{}': accepting '{}': there is no such rule",
                                        policy.source,
                                        acceptance.line,
                                        acceptance.rule),
                            schema::unknown_word("rule", acceptance.rule, book.ids()).hint());
    }
  }
  return problems;
}

std::vector<Error> sweeping_acceptances(const Policy& policy) {
  std::vector<Error> problems;
  for (const FindingAcceptance& acceptance : policy.acceptances) {
    if (!acceptance.program && !acceptance.port && !acceptance.user) {
      problems.emplace_back(
          ExitCode::Usage,
          fmt::format("careful: '{}:{}' accepts whatever '{}' finds",
                      policy.source,
                      acceptance.line,
                      acceptance.rule),
          "name a program, port or user; 'enabled = false' in a rule file switches a rule off");
    }
  }
  return problems;
}

}  // namespace sockwitness::query
