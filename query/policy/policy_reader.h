// The policy file: TOML to entries.
//
// In:    the path of the file, and its text.
// Out:   all of its entries, in order.
// Never: half of it: one mistake anywhere, and nothing is applied.
#pragma once

#include <string>
#include <string_view>

#include "query/analysis/policy.h"

namespace sockwitness::query {

// Throws schema::Error (Usage) with file, line, column and what was expected.
[[nodiscard]] Policy parse_policy(const std::string& source, std::string_view text);

}  // namespace sockwitness::query
