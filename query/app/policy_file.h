// The policy file that holds for this run.
//
// In:    --policy, or nothing.
// Out:   a policy; an empty one where there is no file and none was named.
// Never: goes on without a file that was named.
#pragma once

#include <string>

#include "query/analysis/policy.h"
#include "query/read/history.h"

namespace sockwitness::query {

inline constexpr const char* kPolicyFile = "/etc/sockwitness/policy.toml";

// Throws schema::Error (Usage).
[[nodiscard]] Policy read_policy(const std::string& named);

// A user that it names is every name that the history knows of that number.
void add_user_numbers(History& history, Policy& policy);

}  // namespace sockwitness::query
