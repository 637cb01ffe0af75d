// All rules that are known here: our own, and what the site adds, changes and switches off.
//
// In:    the texts of rule files, our own first, the site's in the order of their names.
// Out:   complete rules by id, what could not be taken, a version over all that are active.
// Never: lets one bad file stop another, or replaces a good rule by half of one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/findings/rule.h"
#include "query/rules/rule_file.h"
#include "schema/base/error.h"

namespace sockwitness::query {

class RuleBook {
 public:
  RuleBook(std::span<const RuleText> builtin, std::span<const RuleText> site);

  // Ascending by id; switched off ones as well.
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  // Null when there is none.
  [[nodiscard]] const Rule* find(std::string_view id) const;
  // Files that were not taken, whole or in part.
  [[nodiscard]] const std::vector<schema::Error>& problems() const { return problems_; }
  // Sixteen hexadecimal digits; equal when the active rules are, byte by byte.
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  void take(const RuleText& text);
  void apply(const RuleFile& file);
  void disable(const RuleFile& file);

  std::vector<Rule> rules_;
  std::vector<schema::Error> problems_;
};

}  // namespace sockwitness::query
