#include "query/analysis/moments.h"

#include <algorithm>
#include <map>

namespace sockwitness::query {

using schema::Seq;

Moments::Moments(std::vector<Moment> moments, std::vector<schema::Context> contexts)
    : moments_(std::move(moments)), contexts_(std::move(contexts)) {
  std::map<schema::BootId, std::uint32_t> known;
  for (const schema::Context& context : contexts_) {
    boots_.push_back(
        known.try_emplace(context.boot_id, static_cast<std::uint32_t>(known.size())).first->second);
  }
}

std::size_t Moments::at_or_after(Seq seq) const {
  const auto found =
      std::lower_bound(moments_.begin(), moments_.end(), seq, [](const Moment& moment, Seq wanted) {
        return moment.seq < wanted;
      });
  return static_cast<std::size_t>(found - moments_.begin());
}

std::optional<std::size_t> Moments::find(Seq seq) const {
  const std::size_t at = at_or_after(seq);
  return at < moments_.size() && moments_[at].seq == seq ? std::optional(at) : std::nullopt;
}

std::size_t Moments::count(Seq first, Seq last) const {
  return first > last ? 0 : at_or_after(Seq(last.value() + 1)) - at_or_after(first);
}

schema::WallTime Moments::wall(Seq seq) const {
  return moments_.at(at_or_after(seq)).begin.wall;
}

const schema::Context& Moments::context(const Moment& moment) const {
  return contexts_.at(moment.context);
}

bool Moments::same_boot(const Moment& left, const Moment& right) const {
  return boots_.at(left.context) == boots_.at(right.context);
}

Moments moments_of(std::span<const schema::SnapshotInfo> snapshots) {
  std::vector<Moment> moments;
  std::vector<schema::Context> contexts;
  moments.reserve(snapshots.size());
  for (const schema::SnapshotInfo& info : snapshots) {
    if (contexts.empty() || contexts.back() != info.context) {
      contexts.push_back(info.context);
    }
    moments.push_back({info.seq, info.begin, static_cast<std::uint32_t>(contexts.size() - 1)});
  }
  return {std::move(moments), std::move(contexts)};
}

std::int64_t distance_us(const Moments& moments, const Moment& from, const Moment& to) {
  return moments.same_boot(from, to)
             ? (to.begin.since_boot.nanoseconds - from.begin.since_boot.nanoseconds) / 1000
             : to.begin.wall.microseconds - from.begin.wall.microseconds;
}

std::optional<std::int64_t> usual_interval_us(const Moments& moments) {
  std::vector<std::int64_t> intervals;
  for (std::size_t at = 1; at < moments.size(); ++at) {
    if (moments.same_boot(moments[at - 1], moments[at])) {
      intervals.push_back(distance_us(moments, moments[at - 1], moments[at]));
    }
  }
  if (intervals.empty()) {
    return std::nullopt;
  }
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

}  // namespace sockwitness::query
