// What speaks for a finding and against it, with weights.
//
// In:    a finding: its matches, and the processes and sockets that they are about.
// Out:   grounds. The weights of one match add up to its severity: info is 0, critical 4.
// Never: a ground that no rule and no record states.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/findings/finding.h"

namespace sockwitness::query {

struct Ground {
  // Steps of the scale. 0: it does not count by itself; the rules may have weighed it.
  int weight = 0;
  bool against = false;
  std::string words;  // with names of the host in them
};

// What the rule says, and what the row moved it by.
[[nodiscard]] std::vector<Ground> grounds_of(const Match& match);

// What else is known of the process and the socket that the finding is about.
[[nodiscard]] std::vector<Ground> circumstances_of(const Finding& finding);

}  // namespace sockwitness::query
