#include "query/app/situation_log.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "query/analysis/situation.h"
#include "schema/model/same_boot.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using Matter = std::tuple<std::string, std::int64_t, std::int32_t, std::string_view>;

// A rule, and the process that it is about.
std::optional<Matter> matter_of(const Finding& finding, const Match& match) {
  if (!match.process) {
    return std::nullopt;
  }
  const schema::Snapshot& snapshot = finding.judged->snapshot();
  const schema::Process& process = snapshot.processes[match.process->value()];
  return Matter{snapshot.context.boot_id,
                process.start.nanoseconds,
                process.pid.value(),
                std::string_view(match.rule->id)};
}

bool is_same_process(const Finding& left, const Finding& right) {
  if (!left.lead().process || !right.lead().process) {
    return false;
  }
  const schema::Snapshot& one = left.judged->snapshot();
  const schema::Snapshot& other = right.judged->snapshot();
  const schema::Process& process = one.processes[left.lead().process->value()];
  const schema::Process& again = other.processes[right.lead().process->value()];
  return schema::is_same_boot(one, other) && process.pid == again.pid &&
         process.start == again.start;
}

}  // namespace

// The key of the situation that it is. What could not be read gives the same one another key, or
// another rule to lead it.
std::string SituationLog::find_key(const Finding& finding,
                                   const std::set<std::string>& taken) const {
  if (situations_.contains(finding.key)) {
    return finding.key;
  }
  const bool doubtful = is_doubtful(finding);
  const std::string* found = nullptr;
  for (const auto& [key, known] : situations_) {
    if (!taken.contains(key) && (doubtful || is_doubtful(known)) &&
        is_same_process(known, finding)) {
      if (known.lead().rule->id == finding.lead().rule->id) {
        return key;
      }
      found = found == nullptr ? &key : found;
    }
  }
  return found == nullptr ? finding.key : *found;
}

void SituationLog::add(Judgement& judgement, std::optional<schema::WallTime> lasts) {
  ++snapshots_;
  const schema::WallTime at = judgement.judged->snapshot().begin.wall;
  const schema::Seq seq = judgement.judged->snapshot().seq.value_or(schema::Seq(0));
  std::set<std::string> taken;  // of this snapshot: they are situations of their own
  for (const Finding& finding : judgement.findings) {
    if (situations_.contains(finding.key)) {
      taken.insert(finding.key);
    }
  }
  std::set<std::string_view> here;
  for (Finding& finding : judgement.findings) {
    finding.key = find_key(finding, taken);
    taken.insert(finding.key);
    last_seen_[finding.key] = seq;
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
    // Where not all was seen, the gravest that was seen stands.
    if (!is_new && is_doubtful(finding) && finding.severity() < place->second.severity()) {
      place->second.interval = finding.interval;
      continue;
    }
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
  // What was found apart because not all was seen, and belongs to another situation by a better
  // look.
  std::set<Matter> joined;
  for (const auto& [key, finding] : situations_) {
    for (std::size_t at = 1; at < finding.matches.size(); ++at) {
      if (const auto matter = matter_of(finding, finding.matches[at])) {
        joined.insert(*matter);
      }
    }
  }
  std::erase_if(situations_, [&](const auto& entry) {
    const Finding& finding = entry.second;
    const auto matter = matter_of(finding, finding.lead());
    return is_doubtful(finding) && matter && joined.contains(*matter);
  });
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
