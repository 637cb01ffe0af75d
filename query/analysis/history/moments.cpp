#include "query/analysis/history/moments.h"

#include <algorithm>
#include <map>

namespace sockwitness::query {

using schema::Seq;

Moments::Moments(std::vector<Moment> moments, std::vector<schema::Context> contexts)
    : moments_(std::move(moments)), contexts_(std::move(contexts)) {
  std::map<schema::BootId, std::uint32_t> known;
  std::uint32_t boots = 0;
  bool named = false;  // the id of the current boot is known
  const Moment* before = nullptr;
  for (Moment& moment : moments_) {
    const schema::BootId& id = context(moment).boot_id;
    const bool goes_on = before != nullptr && before->begin.since_boot <= moment.begin.since_boot;
    const auto found = known.find(id);
    if (before != nullptr && goes_on && before->context == moment.context) {
      moment.boot = before->boot;
    } else if (found != known.end()) {
      moment.boot = found->second;
      named = true;
    } else if (goes_on && (!named || id == schema::BootId())) {
      moment.boot = before->boot;
    } else {
      moment.boot = boots++;
      named = false;
    }
    if (id != schema::BootId()) {
      known.try_emplace(id, moment.boot);
      named = true;
    }
    before = &moment;
  }
}

const std::string* Moments::note(Seq seq) const {
  const auto found = notes_.find(seq);
  return found == notes_.end() ? nullptr : &found->second;
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
  return left.boot == right.boot;
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
