// A rule: what it looks for, how much that matters, what else it may be.
//
// In:    read from rule files.
// Out:   plain values.
// Never: knows how its condition is evaluated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/analysis/findings/severity.h"

namespace sockwitness::query {

struct Rule {
  std::string id;                        // "shell-on-network"
  std::string title;                     // "shell on the network"
  Severity severity = Severity::Medium;  // unless a row says otherwise
  std::vector<std::string> attack;       // MITRE ATT&CK techniques: "T1059.004"
  std::string explanation;
  std::vector<std::string> benign;  // what is known to look alike
  std::vector<std::string> accept;  // what names one accepted case: "program", "port", "user"
  std::string sql;
  std::string source;      // the file that its condition comes from; "builtin/…" for our own
  std::uint32_t line = 1;  // of `source`, on which the SQL begins
  bool enabled = true;
};

}  // namespace sockwitness::query
