// Shares of time that were looked at: exact answers, and random periods with gaps of every cause.
#include "query/analysis/history/coverage_in_time.h"

#include <array>
#include <cstdlib>
#include <iostream>
#include <random>

#include <catch2/catch.hpp>

namespace sockwitness {
namespace {

using namespace query;
using schema::MissedKind;
using schema::MissedRun;
using schema::Seq;
using schema::WallTime;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kBegin = 1'760'000'000'000'000;

// Snapshots a minute apart but where something was in the way.
class Period {
 public:
  void run(int snapshots) {
    for (int at = 0; at < snapshots; ++at) {
      now_ += kMinuteUs;
      take();
    }
  }

  // Nothing for so many minutes, then the next snapshot.
  Unobserved gap(GapCause cause, std::int64_t minutes) {
    const WallTime from{now_};
    const Seq before(next_ - 1);
    now_ += minutes * kMinuteUs;
    if (cause == GapCause::PoweredOff) {
      context_.boot_id = "boot " + std::to_string(next_);
      contexts_.push_back(context_);
    } else if (cause == GapCause::Suspended) {
      asleep_ += minutes * kMinuteUs;
    } else if (cause != GapCause::Unknown) {
      const MissedKind kind = cause == GapCause::Failed    ? MissedKind::Failed
                              : cause == GapCause::Skipped ? MissedKind::Skipped
                                                           : MissedKind::Late;
      missed_.push_back({{from.microseconds + kMinuteUs}, kind, 1, "made up", before});
    }
    take();
    return {UnobservedKind::Gap, from, {now_}, cause, minutes - 1, {}, {}};
  }

  // From now on the wall clock shows so much more.
  void step(std::int64_t minutes) { shift_ += minutes * kMinuteUs; }
  void reboot() {
    context_.boot_id = "boot " + std::to_string(next_);
    contexts_.push_back(context_);
  }

  TimeCoverage measure(std::int64_t from, std::int64_t to) const {
    const Moments moments(moments_, contexts_);
    const auto events = build_chronicle(moments, missed_, {});
    return measure_coverage(
        moments, snapshots_of(from, to), events, missed_, WallTime{from}, WallTime{to});
  }
  TimeCoverage measure() const {
    return measure(moments_.front().begin.wall.microseconds, now_ + shift_);
  }
  [[nodiscard]] std::int64_t now() const { return now_; }

 private:
  // As a report chooses them: the first one shows the state at the begin.
  [[nodiscard]] schema::SeqRange snapshots_of(std::int64_t from, std::int64_t to) const {
    std::size_t first = 0;
    while (first + 1 < moments_.size() && moments_[first + 1].begin.wall.microseconds <= from) {
      ++first;
    }
    std::size_t last = moments_.size() - 1;
    while (last > first && moments_[last].begin.wall.microseconds > to) {
      --last;
    }
    return {moments_[first].seq, moments_[last].seq};
  }

  void take() {
    if (contexts_.empty()) {
      context_.boot_id = "boot";
      context_.every_us = kMinuteUs;
      contexts_.push_back(context_);
    }
    const std::int64_t since_boot = (now_ - kBegin) * 1000;
    moments_.push_back({Seq(next_++),
                        {WallTime{now_ + shift_}, {since_boot}, since_boot - asleep_ * 1000},
                        static_cast<std::uint32_t>(contexts_.size() - 1)});
  }

  std::int64_t now_ = kBegin;
  std::int64_t asleep_ = 0;
  std::int64_t shift_ = 0;
  std::int64_t next_ = 1;
  schema::Context context_;
  std::vector<schema::Context> contexts_;
  std::vector<Moment> moments_;
  std::vector<MissedRun> missed_;
};

}  // namespace

TEST_CASE("an unbroken period is covered as a whole") {
  Period period;
  period.run(61);
  const TimeCoverage coverage = period.measure();
  CHECK(coverage.per_mille() == 1000);
  CHECK(coverage.unobserved.empty());
  CHECK(coverage.snapshots == 61);
  CHECK(coverage.expected() == 61);
  CHECK(coverage.longest_interval_us == kMinuteUs);
}

TEST_CASE("before the first and after the last snapshot nobody looked") {
  Period period;
  period.run(61);
  const TimeCoverage coverage =
      period.measure(kBegin - 29 * kMinuteUs, period.now() + 30 * kMinuteUs);
  REQUIRE(coverage.unobserved.size() == 2);
  CHECK(coverage.unobserved[0].kind == UnobservedKind::NotBegun);
  CHECK(coverage.unobserved[1].kind == UnobservedKind::After);
  CHECK(coverage.per_mille() == 500);
}

TEST_CASE("a period within a gap is not observed at all") {
  Period period;
  period.run(5);
  const Unobserved gap = period.gap(GapCause::PoweredOff, 60);
  period.run(5);
  const TimeCoverage coverage = period.measure(gap.from.microseconds + 10 * kMinuteUs,
                                               gap.from.microseconds + 20 * kMinuteUs);
  CHECK(coverage.per_mille() == 0);
  REQUIRE(coverage.unobserved.size() == 1);
  CHECK(coverage.unobserved[0].cause == GapCause::PoweredOff);
}

TEST_CASE("a period without length has no share") {
  Period period;
  period.run(1);
  CHECK_FALSE(period.measure().per_mille());
}

TEST_CASE("a gap within a boot is as long as the boot's clock says, however the clock was set") {
  for (const std::int64_t minutes : {-200, -60, -30, 0, 30, 60 * 24 * 365, -60 * 24 * 100}) {
    Period period;
    period.run(40);
    period.step(minutes);
    period.gap(GapCause::Failed, 60);
    period.run(41);
    const TimeCoverage coverage = period.measure();
    REQUIRE(coverage.unobserved.size() == 1);
    CHECK(coverage.unobserved[0].length_us == 60 * kMinuteUs);
    CHECK(coverage.unobserved[0].missing_runs == 59);
    CHECK(coverage.elapsed_us == 140 * kMinuteUs);
    CHECK(coverage.per_mille() == 80 * 1000 / 140);
    CHECK(coverage.snapshots == 82);
    CHECK(coverage.expected() == 141);
    CHECK(coverage.failed == 1);
  }
}

TEST_CASE("a clock that shows 1970 for a while hides no snapshot") {
  Period period;
  period.run(20);
  period.step(-kBegin / kMinuteUs);
  period.run(11);
  period.step(kBegin / kMinuteUs);
  period.run(30);
  const TimeCoverage coverage = period.measure();
  CHECK(coverage.snapshots == 61);
  CHECK(coverage.per_mille() == 1000);
  CHECK(coverage.elapsed_us == 60 * kMinuteUs);
}

TEST_CASE("how long a reboot took is not known when the clock was set back over it") {
  Period period;
  period.run(31);
  period.step(-600);
  period.reboot();
  period.run(31);
  const TimeCoverage coverage = period.measure();
  REQUIRE(coverage.unobserved.size() == 1);
  CHECK_FALSE(coverage.unobserved[0].length_us);
  CHECK(coverage.unmeasured);
  CHECK_FALSE(coverage.per_mille());
  CHECK(coverage.per_mille_at_most() == 1000);
  CHECK(coverage.snapshots == 62);
}

TEST_CASE("missing runs are those of the part of a gap that belongs to the period") {
  Period period;
  period.run(5);
  const Unobserved gap = period.gap(GapCause::Unknown, 60);
  period.run(5);
  const std::int64_t from = gap.from.microseconds;
  CHECK(period.measure(from + kMinuteUs / 2, period.now()).missing == 59);
  CHECK(period.measure(from + 30 * kMinuteUs + 1, period.now()).missing == 29);
  CHECK(period.measure(from - kMinuteUs, from + 9 * kMinuteUs).missing == 9);
  // #5 shows the state at the begin, #6 is the first one within.
  CHECK(period.measure(from + 30 * kMinuteUs + 1, period.now()).unobserved[0].length_us ==
        30 * kMinuteUs - 1);
}

TEST_CASE("a period between two neighbours is observed, and has no snapshot") {
  Period period;
  period.run(5);
  const TimeCoverage coverage =
      period.measure(period.now() + kMinuteUs / 4, period.now() + kMinuteUs / 2);
  CHECK(coverage.snapshots == 0);
}

TEST_CASE("up to twenty gaps of every cause: bounds, cause and share") {
  std::mt19937_64 random(48);
  std::size_t gaps = 0;
  constexpr std::array kCauses{GapCause::Unknown,
                               GapCause::PoweredOff,
                               GapCause::Suspended,
                               GapCause::Failed,
                               GapCause::Skipped,
                               GapCause::Late};
  for (std::size_t count = 0; count <= 20; ++count) {
    for (const GapCause first_cause : kCauses) {
      Period period;
      period.run(20);
      std::vector<Unobserved> expected;
      std::int64_t lost = 0;
      for (std::size_t at = 0; at < count; ++at) {
        const GapCause cause = at == 0 ? first_cause : kCauses[random() % kCauses.size()];
        expected.push_back(period.gap(cause, 3 + static_cast<std::int64_t>(random() % 500)));
        lost += expected.back().to.microseconds - expected.back().from.microseconds;
        period.run(2 + static_cast<int>(random() % 30));
      }
      const TimeCoverage coverage = period.measure();
      REQUIRE(coverage.unobserved.size() == count);
      for (std::size_t at = 0; at < count; ++at) {
        CHECK(coverage.unobserved[at].from == expected[at].from);
        CHECK(coverage.unobserved[at].to == expected[at].to);
        CHECK(coverage.unobserved[at].cause == expected[at].cause);
        CHECK(coverage.unobserved[at].missing_runs == expected[at].missing_runs);
        ++gaps;
      }
      const std::int64_t all = coverage.to.microseconds - coverage.from.microseconds;
      const double share = 1000.0 * static_cast<double>(all - lost) / static_cast<double>(all);
      CHECK(std::abs(static_cast<double>(*coverage.per_mille()) - share) <= 1.0);
    }
  }
  std::cout << gaps << " gaps\n";
  REQUIRE(gaps == 6 * 210);
}

}  // namespace sockwitness
