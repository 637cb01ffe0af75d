// Rules whose tables are incomplete because of gaps.
//
// In:    the tables that each rule read, the gaps of the snapshot.
// Out:   for each gap that took something out of a table, the rules that read it.
// Never: "found nothing" for a rule whose tables are incomplete.
#pragma once

#include <span>
#include <vector>

#include "query/analysis/findings/rule_failure.h"
#include "schema/model/gap.h"

namespace sockwitness::query {

struct Blindness {
  std::size_t gap = 0;             // position among the gaps
  std::vector<const Rule*> rules;  // in the order of their ids
};

// Gaps that touch no rule are left out.
[[nodiscard]] std::vector<Blindness> find_blindness(std::span<const RuleReads> reads,
                                                    std::span<const schema::Gap> gaps);

}  // namespace sockwitness::query
