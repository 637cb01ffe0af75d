#include "query/app/situation_log.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sockwitness::query {

void SituationLog::add(Judgement& judgement, std::optional<schema::WallTime> lasts) {
  ++snapshots_;
  const schema::WallTime at = judgement.judged->snapshot().begin.wall;
  std::set<std::string_view> here;
  for (Finding& finding : judgement.findings) {
    const auto [place, is_new] = situations_.try_emplace(finding.key);
    // Several of one kind in one snapshot, as a server's children are: the first is the gravest.
    if (!here.insert(place->first).second) {
      continue;
    }
    const auto last =
        lasts && finding.interval ? std::max(at, std::min(finding.interval->last, *lasts)) : at;
    const auto& known = place->second.interval;
    finding.interval = is_new ? ObservedInterval{at, last, 1}
                              : ObservedInterval{known->first, last, known->snapshots + 1};
    place->second = std::move(finding);
  }
  for (RuleFailure& failure : judgement.failures) {
    const bool known = std::any_of(failures_.begin(), failures_.end(), [&](const auto& each) {
      return each.rule == failure.rule;
    });
    if (!known) {
      failures_.push_back(std::move(failure));
    }
  }
}

std::vector<Finding> SituationLog::take() {
  std::vector<Finding> findings;
  for (auto& [key, finding] : situations_) {
    findings.push_back(std::move(finding));
  }
  // The map's order decides among equals.
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& left, const Finding& right) {
    return std::tuple(left.accepted(), right.severity(), left.interval->first) <
           std::tuple(right.accepted(), left.severity(), right.interval->first);
  });
  return findings;
}

}  // namespace sockwitness::query
