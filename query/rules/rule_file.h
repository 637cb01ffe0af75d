// One file of rules as it was written: a rule, changes to a rule, or rules to be switched off.
//
// In:    the name of a file and its text.
// Out:   the keys that it gives, each checked by itself.
// Never: completes a rule; the rule book does, from the rule of the same id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/findings/severity.h"

namespace sockwitness::query {

struct RuleText {
  std::string source;  // the path of the file; "builtin/…" for our own
  std::string text;
};

struct RuleFile {
  std::string source;
  std::optional<std::string> id;  // nothing: it only disables others
  std::optional<std::string> title;
  std::optional<Severity> severity;
  std::optional<std::vector<std::string>> attack;
  std::optional<std::string> explanation;
  std::optional<std::vector<std::string>> benign;
  std::optional<std::vector<std::string>> accept;
  std::optional<std::string> sql;
  std::uint32_t sql_line = 1;
  std::optional<bool> enabled;
  std::vector<std::string> disable;
};

// Throws schema::Error (Usage) with file, line and column.
[[nodiscard]] RuleFile parse_rule_file(const RuleText& file);

// The parts of a match that an acceptance can name.
[[nodiscard]] const std::vector<std::string>& acceptance_parts();

}  // namespace sockwitness::query
