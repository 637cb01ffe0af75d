#include "query/alert/base.h"

#include <algorithm>

#include "query/alert/coverage_news.h"

namespace sockwitness::query {
namespace {

using schema::Seq;

// A record that never sees everything is compared this far back, and no further.
constexpr std::size_t kFarthest = 2000;
constexpr std::size_t kFarthestFirst = 64;

const Moment& latest(const Moments& moments) {
  return moments[moments.size() - 1];
}

// A snapshot that is not kept any more is no other one.
bool is_there(const AlertMark& mark, const Moments& moments) {
  if (latest(moments).seq < mark.seq) {
    return false;
  }
  const auto place = moments.find(mark.seq);
  return !place || moments[*place].begin.wall == mark.began;
}

Seq existing(const Moments& moments, Seq seq) {
  return moments[std::min(moments.at_or_after(seq), moments.size() - 1)].seq;
}

AlertBase begin_anew(AlertBase::Kind kind, const Moments& moments) {
  const std::size_t size = moments.size();
  return {kind,
          latest(moments).seq,
          moments[size > kFarthestFirst ? size - kFarthestFirst : 0].seq,
          true};
}

}  // namespace

AlertBase find_alert_base(const AlertState* state,
                          const std::string& archive,
                          const Moments& moments) {
  using Kind = AlertBase::Kind;
  if (state == nullptr) {
    return begin_anew(Kind::First, moments);
  }
  if (state->archive != archive) {
    return begin_anew(Kind::Replaced, moments);
  }
  const auto known = std::find_if(state->marks.rbegin(),
                                  state->marks.rend(),
                                  [&](const AlertMark& mark) { return is_there(mark, moments); });
  if (known == state->marks.rend()) {
    return begin_anew(Kind::WentBack, moments);
  }
  const bool follows = known == state->marks.rbegin();
  return {follows ? Kind::Follows : Kind::WentBack,
          known->seq,
          existing(moments, std::min(state->from, known->seq)),
          false};
}

Seq choose_next_from(const Moments& moments,
                     std::span<const CoverageGap> gaps,
                     schema::SeqRange snapshots) {
  const std::size_t first = moments.at_or_after(snapshots.first);
  const std::size_t last = moments.at_or_after(snapshots.last);
  for (std::size_t at = last; at > first; --at) {
    const Seq seq = moments[at - 1].seq;
    const bool blind = std::any_of(gaps.begin(), gaps.end(), [&](const CoverageGap& part) {
      return part.gap && is_blinding(*part.gap) && part.snapshots.contains(seq);
    });
    if (!blind) {
      return seq;
    }
  }
  return last - first > kFarthest ? moments[last - 1].seq : snapshots.first;
}

}  // namespace sockwitness::query
