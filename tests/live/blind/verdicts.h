// Who is accused by an answer, of a host on which nothing happened.
//
// In:    the answers of a history with a blind snapshot, and those of the same without one.
// Out:   what they say that did not happen, one line each.
// Never: takes it for an accusation that something could not be seen.
#pragma once

#include <string>
#include <vector>

#include "tests/live/blind/scenario.h"

namespace sockwitness::test {

[[nodiscard]] std::vector<std::string> find_accusations(const Answers& blind, const Answers& clear);

}  // namespace sockwitness::test
