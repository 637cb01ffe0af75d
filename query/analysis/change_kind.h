// What a change is.
//
// In:    an enumerator, or a word of the contract.
// Out:   the other one of the two.
// Never: a word that is shown to people only.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace sockwitness::query {

enum class ChangeKind {
  NewListener,
  VanishedService,
  OwnerChanged,
  ProgramChanged,
  ExposureWidened,
  ExposureNarrowed,
  Moved,
  ForwardingChanged,
  Renamed,  // the same under another label or name
  Restarted,
  Reopened,
  Flapping
};

// "new_listener", "vanished_service", …
[[nodiscard]] std::string_view change_kind_word(ChangeKind kind);
[[nodiscard]] std::optional<ChangeKind> parse_change_kind(std::string_view word);
// All of them, in the order of the summary.
[[nodiscard]] std::vector<ChangeKind> all_change_kinds();

}  // namespace sockwitness::query
