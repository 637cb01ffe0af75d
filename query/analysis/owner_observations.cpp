#include "query/analysis/owner_observations.h"

#include <algorithm>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::Service;

}  // namespace

const std::vector<Seq>& OwnerVisibility::looks(const schema::SeqRange& snapshots) {
  if (last_looks_.empty() || snapshots != last_range_) {
    last_range_ = snapshots;
    last_looks_ = source_.looks(snapshots);
  }
  return last_looks_;
}

bool OwnerVisibility::hides_more(Seq later, Seq earlier) {
  const auto known = known_.find({later, earlier});
  if (known != known_.end()) {
    return known->second;
  }
  constexpr std::size_t kMost = 1024;
  if (known_.size() >= kMost) {
    known_.clear();
  }
  const bool more = hides_more_owners(*at(later), *at(earlier));
  return known_.emplace(std::pair(later, earlier), more).first->second;
}

std::optional<OwnerObservations::Judgement> OwnerObservations::judge(
    const Service& now, OwnerVisibility& visibility) const {
  using Verdict = OwnerComparison::Verdict;
  for (auto observation = observations_.rbegin(); observation != observations_.rend();
       ++observation) {
    const OwnerComparison comparison =
        compare_owners(*visibility.at(observation->seq), *observation->service, now);
    if (comparison.verdict != Verdict::Unseen) {
      return Judgement{*observation, comparison};
    }
  }
  return std::nullopt;
}

void OwnerObservations::add(const SharedService& service,
                            const schema::SeqRange& snapshots,
                            schema::WallTime as_of,
                            bool meant,
                            OwnerVisibility& visibility) {
  if (owners_doubtful(*service)) {
    return;
  }
  for (const Seq seq : visibility.looks(snapshots)) {
    std::erase_if(observations_, [&](const OwnerObservation& observation) {
      return !visibility.hides_more(seq, observation.seq);
    });
    observations_.push_back({service, seq, as_of, meant});
  }
}

}  // namespace sockwitness::query
