// One finding per situation: what the rules say about one chain of processes, in one finding.
//
// In:    the matches of all rules on one snapshot, the acceptances.
// Out:   findings, gravest first, each with its matches, gravest first; its interval is that of its
//        socket.
// Never: drops a match, or lets one of low weight join two situations.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/acceptance.h"
#include "query/analysis/findings/finding.h"

namespace sockwitness::query {

// What Finding::key is, of one match: equal for the same thing in other snapshots.
[[nodiscard]] std::string situation_key(const HostView& host, const Match& match);

// A gap hides a part of what it rests on: it may be of another owner.
[[nodiscard]] bool is_doubtful(const Finding& finding);

// The time of the snapshot decides which acceptances hold. They must outlive the findings.
[[nodiscard]] std::vector<Finding> group_matches(
    const std::shared_ptr<const JudgedSnapshot>& judged,
    std::vector<Match> matches,
    std::span<const FindingAcceptance> acceptances);

}  // namespace sockwitness::query
