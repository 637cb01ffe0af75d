// One finding per situation: what the rules say about one chain of processes, told once.
//
// In:    the matches of all rules on one snapshot, the acceptances.
// Out:   findings, gravest first, each with its reasons, gravest first.
// Never: drops a match, or lets one of low weight join two situations.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/acceptance.h"
#include "query/analysis/host_view.h"
#include "query/analysis/match.h"

namespace sockwitness::query {

struct Reason {
  Match match;
  const FindingAcceptance* acceptance = nullptr;  // of the policy; nothing: nobody accepted it
  bool expired = false;

  [[nodiscard]] bool accepted() const { return acceptance != nullptr && !expired; }
};

struct Finding {
  // The first one leads: the gravest that is not accepted, or the gravest of all.
  std::vector<Reason> reasons;

  [[nodiscard]] const Reason& lead() const { return reasons.front(); }
  [[nodiscard]] Severity severity() const { return lead().match.severity; }
  [[nodiscard]] bool accepted() const { return lead().accepted(); }
};

// `at` decides which acceptances hold. The acceptances must outlive the findings.
[[nodiscard]] std::vector<Finding> group_matches(const HostView& host,
                                                 std::vector<Match> matches,
                                                 std::span<const FindingAcceptance> acceptances,
                                                 schema::WallTime at);

// What a situation has in common with itself in another snapshot: the rule, the program and its
// script, the user, the unit or container, the port and the peer. No pid and no inode, so that it
// outlives restarts.
[[nodiscard]] std::string situation_key(const HostView& host, const Finding& finding);

}  // namespace sockwitness::query
