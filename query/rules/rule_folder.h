// Where rule files come from: our own, built in, and a folder of the site.
//
// In:    the path of a folder.
// Out:   the texts of its *.toml files in the order of their names.
// Never: takes an unreadable file for an absent one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "query/rules/rule_file.h"
#include "schema/base/error.h"

namespace sockwitness::query {

struct RuleFolder {
  std::vector<RuleText> files;
  std::vector<schema::Error> problems;
  bool exists = true;
};

[[nodiscard]] RuleFolder read_rule_folder(const std::string& path);

[[nodiscard]] std::span<const RuleText> builtin_rules();

}  // namespace sockwitness::query
