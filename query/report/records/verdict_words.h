// What a verdict says, in words that every answer uses.
//
// In:    a verdict.
// Out:   its result; what it does not prove.
// Never: more than what was computed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/verify/verdict.h"

namespace sockwitness::query {

[[nodiscard]] std::string_view result_word(Verdict::Result result);
[[nodiscard]] std::vector<std::string> unproven(const Verdict& verdict);

}  // namespace sockwitness::query
