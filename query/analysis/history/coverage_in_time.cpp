#include "query/analysis/history/coverage_in_time.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

using schema::MissedRun;
using schema::WallTime;

class Measure {
 public:
  Measure(const Moments& moments,
          std::span<const ChronicleEvent> events,
          WallTime from,
          WallTime to,
          std::optional<std::int64_t> due_us)
      : moments_(moments),
        due_us_(due_us ? *due_us : usual_interval_us(moments).value_or(0)),
        gaps_(moments.size() + 1, nullptr) {
    coverage_.from = from;
    coverage_.to = to;
    for (const ChronicleEvent& event : events) {
      if (event.kind == ChronicleKind::TimeGap) {
        gaps_[event.before.value_or(moments.size())] = &event;
      }
    }
  }

  TimeCoverage measure(std::size_t first, std::size_t last) {
    const std::int64_t before_us = wall(0).microseconds - coverage_.from.microseconds;
    if (first == 0 && before_us > 0) {
      const std::int64_t all = coverage_.to.microseconds - coverage_.from.microseconds;
      const WallTime to = std::min(wall(0), coverage_.to);
      const auto kind = moments_.pruned() ? UnobservedKind::Pruned : UnobservedKind::NotBegun;
      add({.kind = kind,
           .from = coverage_.from,
           .to = to,
           .cause = {},
           .missing_runs = 0,
           .before = 0,
           .length_us = std::min(before_us, all)});
    }
    const std::int64_t lead =
        std::max<std::int64_t>(0, coverage_.from.microseconds - wall(first).microseconds);
    for (std::size_t at = first + 1; at <= last; ++at) {
      add_interval(at, at == first + 1 ? lead : 0, std::nullopt);
    }
    // The interval up to the snapshot after the last one of the period touches it, too.
    const std::int64_t rest = coverage_.to.microseconds - reckon(first, last).microseconds;
    if (rest > 0 && last + 1 < moments_.size()) {
      add_interval(last + 1, first == last ? lead : 0, rest);
    } else if (rest > 0) {
      add_end(last, first == last ? lead : 0, rest);
    }
    return std::move(coverage_);
  }

 private:
  [[nodiscard]] WallTime wall(std::size_t at) const { return moments_[at].begin.wall; }

  // Nothing where the clock was set back over a reboot.
  [[nodiscard]] std::optional<std::int64_t> length_before(std::size_t at) const {
    const std::int64_t length = distance_us(moments_, moments_[at - 1], moments_[at]);
    return length < 0 ? std::nullopt : std::optional(length);
  }

  // Where the last snapshot lies: a clock that was set back shows times for the second time.
  [[nodiscard]] WallTime reckon(std::size_t first, std::size_t last) const {
    std::int64_t passed = 0;
    for (std::size_t at = first + 1; at <= last; ++at) {
      passed += length_before(at).value_or(0);
    }
    return std::max(wall(last), WallTime{wall(first).microseconds + passed});
  }

  // The interval before a snapshot, from `skip` after its begin on, up to `upto` after it or to its
  // end.
  void add_interval(std::size_t at, std::int64_t skip, std::optional<std::int64_t> upto) {
    const auto length = length_before(at);
    const bool whole = !upto || (length && *upto >= *length);
    Unobserved interval{.kind = UnobservedKind::Gap,
                        .from = skip > 0 ? coverage_.from : wall(at - 1),
                        .to = whole ? wall(at) : coverage_.to,
                        .cause = GapCause::PoweredOff,
                        .missing_runs = 0,
                        .before = at,
                        .length_us = std::nullopt};
    if (!length && whole) {
      coverage_.unmeasured = true;
      coverage_.unobserved.push_back(interval);
      return;
    }
    const std::int64_t begin = length ? std::min(skip, *length) : skip;
    const std::int64_t end = whole ? *length : *upto;
    interval.length_us = end - begin;
    const ChronicleEvent* gap = gaps_[at];
    if (gap != nullptr) {
      interval.cause = gap->cause;
      interval.missing_runs = count_missing(*gap, begin, end, whole);
    }
    if (gap != nullptr || !length) {
      add(interval);
      return;
    }
    coverage_.elapsed_us += std::max<std::int64_t>(0, end - begin);
    if (whole) {
      coverage_.longest_interval_us = std::max(coverage_.longest_interval_us, *length);
    }
  }

  // Runs that were due in the part of a gap that belongs to the period. They were due at equal
  // distances.
  static std::int64_t count_missing(const ChronicleEvent& gap,
                                    std::int64_t begin,
                                    std::int64_t end,
                                    bool whole) {
    if (begin == 0 && whole) {
      return gap.missing_runs;
    }
    const std::int64_t interval =
        std::max<std::int64_t>(1, gap.amount_us.value_or(0) / (gap.missing_runs + 1));
    const auto due_until = [&](std::int64_t offset) {
      return std::min(gap.missing_runs, offset / interval);
    };
    return due_until(end) - due_until(std::max<std::int64_t>(0, begin - 1));
  }

  // What comes after the last snapshot is not observed once the next one would be due.
  void add_end(std::size_t last, std::int64_t skip, std::int64_t rest) {
    if (rest <= due_us_) {
      coverage_.elapsed_us += std::max<std::int64_t>(0, rest - skip);
      return;
    }
    const ChronicleEvent* gap = gaps_[moments_.size()];
    const std::int64_t missing = due_us_ > 0 ? rest / due_us_ : 0;
    add({.kind = UnobservedKind::After,
         .from = skip > 0 ? coverage_.from : wall(last),
         .to = coverage_.to,
         .cause = gap == nullptr ? GapCause::Unknown : gap->cause,
         .missing_runs = gap == nullptr ? missing : gap->missing_runs,
         .before = std::nullopt,
         .length_us = rest - skip});
  }

  void add(const Unobserved& interval) {
    if (*interval.length_us > 0) {
      coverage_.elapsed_us += *interval.length_us;
      coverage_.unobserved_us += *interval.length_us;
      coverage_.missing += interval.missing_runs;
      coverage_.unobserved.push_back(interval);
    }
  }

  const Moments& moments_;
  std::int64_t due_us_;
  std::vector<const ChronicleEvent*> gaps_;  // by the position of the snapshot after it
  TimeCoverage coverage_;
};

// Within the period by the order of the snapshots; only at its edges the clock has to tell.
bool is_within(const Moments& moments,
               const MissedRun& run,
               std::size_t first,
               std::size_t last,
               const TimeCoverage& coverage) {
  const std::size_t place =
      run.after ? moments.at_or_after(schema::Seq(run.after->value() + 1)) : std::size_t{0};
  if (place == 0 || (place == first + 1 && moments[first].begin.wall < coverage.from)) {
    return place >= first && run.at >= coverage.from && run.at <= coverage.to;
  }
  return place > first && (place <= last || (place == last + 1 && run.at <= coverage.to));
}

}  // namespace

std::optional<std::int64_t> TimeCoverage::per_mille_at_most() const {
  if (elapsed_us <= 0) {
    return std::nullopt;
  }
  // Rounded down: never more than was covered.
  const std::int64_t seen = std::max<std::int64_t>(0, elapsed_us - unobserved_us);
  return static_cast<std::int64_t>(static_cast<long double>(seen) * 1000 /
                                   static_cast<long double>(elapsed_us));
}

std::optional<std::int64_t> TimeCoverage::per_mille() const {
  return unmeasured ? std::nullopt : per_mille_at_most();
}

TimeCoverage measure_coverage(const Moments& moments,
                              schema::SeqRange snapshots,
                              std::span<const ChronicleEvent> events,
                              std::span<const schema::MissedRun> missed,
                              WallTime from,
                              WallTime to,
                              std::optional<std::int64_t> due_us) {
  const std::size_t first = moments.at_or_after(snapshots.first);
  const std::size_t last = moments.at_or_after(snapshots.last);
  TimeCoverage coverage = Measure(moments, events, from, to, due_us).measure(first, last);
  const bool state_only = moments[first].begin.wall < from;
  coverage.snapshots = static_cast<std::uint32_t>(last - first + (state_only ? 0 : 1));
  for (const MissedRun& run : missed) {
    if (!is_within(moments, run, first, last, coverage)) {
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
