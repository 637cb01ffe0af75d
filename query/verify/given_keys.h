// Keys that were kept elsewhere, and what they prove.
//
// In:    files with lines of `sockwitness-recorder keys`; the keys that sign records.
// Out:   up to which record a chain is authentic.
// Never: takes a file without a key for none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/verify/verdict.h"
#include "schema/chain/key_text.h"

namespace sockwitness::query {

// Throws schema::Error (Usage) for a file that has no key, or cannot be read.
[[nodiscard]] std::vector<schema::EnrolledKey> read_keys(const std::vector<std::string>& files);

void judge_keys(const std::vector<schema::EnrolledKey>& keys,
                const std::function<std::optional<schema::PublicKey>(std::int64_t record)>& key_of,
                Verdict& verdict);

}  // namespace sockwitness::query
