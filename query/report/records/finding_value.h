// One finding of `check` as the object of the contract.
//
// In:    a finding, the names of ports.
// Out:   its members; the names of its evidence live as long as the engine that ran the rules.
// Never: a match without its rule, or an accepted finding that does not say so.
#pragma once

#include "query/analysis/findings/finding.h"
#include "query/report/neutral/value.h"
#include "query/report/words/port_names.h"

namespace sockwitness::query {

[[nodiscard]] Value::Object finding_members(const Finding& finding, const PortNames& names);

}  // namespace sockwitness::query
