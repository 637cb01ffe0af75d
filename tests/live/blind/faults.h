// Which faults are tried: every call that a run makes, every way in which it can fail.
//
// In:    the calls of a run, with how often each was made.
// Out:   faults, in an order that spreads every kind over any part of the list.
// Never: a content that nobody could tell from a true one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/live/blind/failing_calls.h"

namespace sockwitness::test {

[[nodiscard]] std::vector<Fault> list_faults(const std::map<Call, int>& calls);

// The fault's kind without its numbers, for counts and reports: "read /proc/N/status: error".
[[nodiscard]] std::string fault_class(const Fault& fault);

}  // namespace sockwitness::test
