// What one row of a rule says.
//
// In:    the engine fills it from the columns of the row.
// Out:   plain values; indices are of the snapshot that was judged.
// Never: counts for more than its rule and its row say; hidden because it was accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "query/analysis/findings/rule.h"
#include "schema/model/ids.h"

namespace sockwitness::query {

using EvidenceValue = std::variant<std::monostate, std::int64_t, std::string>;

struct Evidence {
  std::string_view name;  // of the column; lives as long as the engine that ran the rule
  EvidenceValue value;    // bytes of the host, or numbers

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

struct FindingAcceptance;

struct Match {
  const Rule* rule = nullptr;  // never null; lives as long as the rule book
  Severity severity = Severity::Medium;
  std::optional<schema::ProcessIndex> process;
  std::optional<schema::ProcessIndex> partner;  // the process at the other end
  std::optional<schema::SocketIndex> socket;
  std::string why;  // words with names of the host in them
  std::vector<Evidence> evidence;
  const FindingAcceptance* acceptance = nullptr;  // of the policy; null: not accepted
  bool expired = false;                           // the acceptance, when the snapshot was taken
  std::string moved_by = {};  // why the severity is not the rule's own; empty: the row does not say

  [[nodiscard]] bool accepted() const { return acceptance != nullptr && !expired; }
};

}  // namespace sockwitness::query
