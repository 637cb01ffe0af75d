#include "query/analysis/owner_sights.h"

#include <algorithm>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::Service;

}  // namespace

const std::vector<Seq>& OwnerViews::looks(const schema::SeqRange& snapshots) {
  if (last_looks_.empty() || snapshots != last_range_) {
    last_range_ = snapshots;
    last_looks_ = source_.looks(snapshots);
  }
  return last_looks_;
}

bool OwnerViews::hides_more(Seq later, Seq earlier) {
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

std::optional<OwnerSights::Judgement> OwnerSights::judge(const Service& now,
                                                         OwnerViews& views) const {
  using Verdict = OwnerComparison::Verdict;
  for (auto sight = sights_.rbegin(); sight != sights_.rend(); ++sight) {
    const auto verdict = compare_owners(*views.at(sight->seq), *sight->service, now).verdict;
    if (verdict != Verdict::Unseen) {
      return Judgement{*sight, verdict == Verdict::Changed};
    }
  }
  return std::nullopt;
}

void OwnerSights::add(const SharedService& service,
                      const schema::SeqRange& snapshots,
                      schema::WallTime as_of,
                      bool meant,
                      OwnerViews& views) {
  if (owners_doubtful(*service)) {
    return;
  }
  for (const Seq seq : views.looks(snapshots)) {
    std::erase_if(sights_,
                  [&](const OwnerSight& sight) { return !views.hides_more(seq, sight.seq); });
    sights_.push_back({service, seq, as_of, meant});
  }
}

}  // namespace sockwitness::query
