#include "query/analysis/coverage_in_time.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

using schema::WallTime;

class Measure {
 public:
  Measure(const Moments& moments,
          std::span<const ChronicleEvent> events,
          WallTime from,
          WallTime to)
      : moments_(moments), gaps_(moments.size() + 1, nullptr) {
    coverage_.from = from;
    coverage_.to = to;
    for (const ChronicleEvent& event : events) {
      if (event.kind == ChronicleKind::TimeGap) {
        gaps_[event.before.value_or(moments.size())] = &event;
      }
    }
  }

  TimeCoverage measure(std::size_t first, std::size_t last) {
    if (first == 0) {
      add({UnobservedKind::NotBegun, coverage_.from, wall(0), GapCause::Unknown, 0, 0});
    }
    // The stretch up to the snapshot after the last one of the period touches it, too.
    const std::size_t end = std::min(last + 1, moments_.size() - 1);
    for (std::size_t at = first + 1; at <= end; ++at) {
      add_interval(at);
    }
    if (last + 1 == moments_.size()) {
      add_end();
    }
    return std::move(coverage_);
  }

 private:
  [[nodiscard]] WallTime wall(std::size_t at) const { return moments_[at].begin.wall; }

  void add_interval(std::size_t at) {
    const ChronicleEvent* gap = gaps_[at];
    if (gap != nullptr) {
      add({UnobservedKind::Gap, wall(at - 1), wall(at), gap->cause, gap->missing_runs, at});
    } else if (wall(at) <= coverage_.to) {
      coverage_.longest_interval_us = std::max(
          coverage_.longest_interval_us, distance_us(moments_, moments_[at - 1], moments_[at]));
    }
  }

  // What comes after the last snapshot is not observed once the next one would be due.
  void add_end() {
    const WallTime last = wall(moments_.size() - 1);
    const std::int64_t due = usual_interval_us(moments_).value_or(0);
    const ChronicleEvent* gap = gaps_[moments_.size()];
    if (coverage_.to.microseconds > last.microseconds + due) {
      add({UnobservedKind::After,
           last,
           coverage_.to,
           gap == nullptr ? GapCause::Unknown : gap->cause,
           gap == nullptr ? 0 : gap->missing_runs,
           std::nullopt});
    }
  }

  // Clipped to the period. After the clock was set back its begin may lie behind its end.
  void add(Unobserved stretch) {
    stretch.from = std::max(stretch.from, coverage_.from);
    stretch.to = std::min(stretch.to, coverage_.to);
    if (stretch.from < stretch.to) {
      coverage_.unobserved_us += stretch.to.microseconds - stretch.from.microseconds;
      coverage_.missing += stretch.missing_runs;
      coverage_.unobserved.push_back(stretch);
    }
  }

  const Moments& moments_;
  std::vector<const ChronicleEvent*> gaps_;  // by the position of the snapshot after it
  TimeCoverage coverage_;
};

}  // namespace

std::optional<std::int64_t> TimeCoverage::per_mille() const {
  const std::int64_t all = to.microseconds - from.microseconds;
  if (all <= 0) {
    return std::nullopt;
  }
  // Rounded down: never more than was looked at.
  const std::int64_t seen = std::max<std::int64_t>(0, all - unobserved_us);
  return static_cast<std::int64_t>(static_cast<long double>(seen) * 1000 /
                                   static_cast<long double>(all));
}

TimeCoverage measure_coverage(const Moments& moments,
                              schema::SeqRange snapshots,
                              std::span<const ChronicleEvent> events,
                              std::span<const schema::MissedRun> missed,
                              WallTime from,
                              WallTime to) {
  const std::size_t first = moments.at_or_after(snapshots.first);
  const std::size_t last = moments.at_or_after(snapshots.last);
  TimeCoverage coverage = Measure(moments, events, from, to).measure(first, last);
  for (std::size_t at = first; at <= last; ++at) {
    coverage.snapshots += moments[at].begin.wall >= from ? 1U : 0U;
  }
  for (const schema::MissedRun& run : missed) {
    if (run.at < from || run.at > to) {
      continue;
    }
    switch (run.kind) {
      case schema::MissedKind::Skipped:
        coverage.skipped += run.count;
        break;
      case schema::MissedKind::Failed:
        coverage.failed += run.count;
        break;
      case schema::MissedKind::Late:
        coverage.late += run.count;
        break;
    }
  }
  return coverage;
}

}  // namespace sockwitness::query
