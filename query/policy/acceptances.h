// The [[accept]] tables of the policy.
//
// In:    the root table of the policy file.
// Out:   acceptances of findings, in the order of the file.
// Never: takes one without a reason, or one that would accept more than it says because a key is
//        misspelt.
#pragma once

#include <vector>

#include "query/analysis/acceptance.h"
#include "query/policy/toml_table.h"

namespace sockwitness::query {

// Throws schema::Error (Usage). The other keys of `policy` are other readers' work.
[[nodiscard]] std::vector<FindingAcceptance> read_acceptances(const TomlTable& policy);

}  // namespace sockwitness::query
