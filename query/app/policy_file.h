// The policy file that holds for this run, or several, each from a day on.
//
// In:    --policy, or nothing.
// Out:   a policy; an empty one where there is no file and none was named.
// Never: goes on without a file that was named.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/policy.h"
#include "query/read/history.h"

namespace sockwitness::query {

inline constexpr const char* kPolicyFile = "/etc/sockwitness/policy.toml";

// Throws schema::Error (Usage). Its entries hold from their own approved_on, or always.
[[nodiscard]] Policy read_policy(const std::string& named);

// One file of a history of the policy.
struct PolicyVersion {
  std::string path;
  schema::WallTime from;    // it holds until the next one does
  bool is_written = false;  // `from` is when the file was last written: no time was given
};

struct DatedPolicy {
  Policy policy;                        // entries of all files
  std::vector<PolicyVersion> versions;  // by time; empty without a policy
};

// For answers about the past. Each word is FILE or T=FILE, T a day (UTC) or an RFC 3339 time;
// several need a T each. An entry without approved_on holds from its file's time on, one of a file
// that replaced another never earlier: the file before it did not have it.
// Throws schema::Error (Usage).
[[nodiscard]] DatedPolicy read_dated_policy(const std::vector<std::string>& words);

// A user that it names is every name that the history knows of that number.
void add_user_numbers(History& history, Policy& policy);

}  // namespace sockwitness::query
