// One finding per situation: what the rules say about one chain of processes, in one finding.
//
// In:    the matches of all rules on one snapshot, the acceptances.
// Out:   findings, gravest first, each with its matches, gravest first; its interval is that of its
//        socket.
// Never: drops a match, or lets one of low weight join two situations.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "query/analysis/acceptance.h"
#include "query/analysis/finding.h"

namespace sockwitness::query {

// The time of the snapshot decides which acceptances hold. They must outlive the findings.
[[nodiscard]] std::vector<Finding> group_matches(
    const std::shared_ptr<const JudgedSnapshot>& judged,
    std::vector<Match> matches,
    std::span<const FindingAcceptance> acceptances);

}  // namespace sockwitness::query
