// A finding that a user has accepted, with a reason and a date.
//
// In:    [[accept]] tables of the policy; a match of a rule, the time that it is judged for.
// Out:   which acceptance covers a match, and whether it still holds.
// Never: hides a match: accepted ones are shown as such, and an expired one counts again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/findings/host_view.h"
#include "query/analysis/findings/match.h"
#include "schema/base/time.h"

namespace sockwitness::query {

// Every part that is given has to fit; a part that is left out fits everything.
struct FindingAcceptance {
  std::string rule;                    // id
  std::optional<std::string> program;  // path of the program or of its script, or a pattern for it
  std::optional<schema::Port> port;    // of the listener, or of the server that was connected to
  std::optional<std::string> user;     // name or number, of the process
  std::string reason;
  std::optional<std::chrono::year_month_day> until;  // the last day on which it holds, in UTC
  std::uint32_t line = 0;                            // of the policy file

  friend bool operator==(const FindingAcceptance&, const FindingAcceptance&) = default;
};

[[nodiscard]] bool covers(const FindingAcceptance& acceptance,
                          const HostView& host,
                          const Match& match);

[[nodiscard]] bool is_expired(const FindingAcceptance& acceptance, schema::WallTime at);

// The first that covers the match and holds; else the first that covered it once.
[[nodiscard]] const FindingAcceptance* find_acceptance(
    std::span<const FindingAcceptance> acceptances,
    const HostView& host,
    const Match& match,
    schema::WallTime at);

// A table for the policy file that covers the match: what the rule names as its case is filled in,
// the reason is left to whoever accepts it.
[[nodiscard]] std::string acceptance_text(const HostView& host, const Match& match);

}  // namespace sockwitness::query
