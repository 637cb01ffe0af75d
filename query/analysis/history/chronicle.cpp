#include "query/analysis/history/chronicle.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

namespace sockwitness::query {
namespace {

using schema::ClockReading;
using schema::MissedKind;
using schema::MissedRun;

constexpr std::int64_t kStepFloorUs = 2'000'000;
constexpr std::int64_t kSlewPartsPerMillion = 500;  // as fast as the kernel ever slews
constexpr std::int64_t kSuspendFloorUs = 1'000'000;
constexpr std::int64_t kGapPercent = 150;        // of the interval that is expected
constexpr std::int64_t kGapFloorUs = 2'000'000;  // more than the interval: no run is that punctual

class ChronicleBuilder {
 public:
  ChronicleBuilder(const Moments& moments,
                   std::span<const MissedRun> missed,
                   const ChronicleOptions& options)
      : moments_(moments),
        missed_(missed),
        options_(options),
        usual_(usual_interval_us(moments)),
        missed_after_(moments.size() + 1) {
    for (std::size_t at = 0; at < missed.size(); ++at) {
      const auto& after = missed[at].after;
      const std::size_t place =
          after ? moments.at_or_after(schema::Seq(after->value() + 1)) : std::size_t{0};
      missed_after_[place].push_back(at);
    }
  }

  std::vector<ChronicleEvent> build() {
    for (std::size_t at = 0; at < moments_.size(); ++at) {
      add_missed(at, at);
      if (at == 0) {
        begin(at);
        add_note(at);
        continue;
      }
      add_thinned(at);
      const Moment& from = moments_[at - 1];
      const Moment& to = moments_[at];
      add_gap(from, to, at);
      if (moments_.same_boot(from, to)) {
        add_within_boot(from.begin, to.begin, at);
      } else {
        add_reboot(from.begin, to.begin, at);
      }
      if (recorder_of(from) != recorder_of(to)) {
        events_.push_back({ChronicleKind::RecorderChanged, at, {}, {}});
      }
      add_note(at);
    }
    add_missed(moments_.size(), std::nullopt);
    add_silence_at_the_end();
    return std::move(events_);
  }

 private:
  void begin(std::size_t at) {
    ChronicleEvent event{ChronicleKind::RecorderStarted, at, {}, {}};
    if (moments_.pruned()) {
      event.kind = ChronicleKind::Pruned;
      event.pruned = moments_.pruned();
    }
    events_.push_back(std::move(event));
  }

  void add_note(std::size_t at) {
    if (const std::string* note = moments_.note(moments_[at].seq)) {
      ChronicleEvent event{ChronicleKind::Noted, at, {}, {}};
      event.note = *note;
      events_.push_back(std::move(event));
    }
  }

  // Once: at the first of these that were thinned.
  void add_thinned(std::size_t at) {
    const auto& thinned = moments_.thinned();
    if (!told_thinned_ && thinned && thinned->find(moments_[at].seq) != nullptr) {
      ChronicleEvent event{ChronicleKind::Thinned, at, {}, {}};
      event.thinned = thinned;
      events_.push_back(std::move(event));
      told_thinned_ = true;
    }
  }

  [[nodiscard]] std::tuple<std::string_view, schema::Uid, std::uint64_t> recorder_of(
      const Moment& moment) const {
    const schema::Context& context = moments_.context(moment);
    return {context.recorder_version, context.recorder_uid, context.recorder_capabilities};
  }

  [[nodiscard]] std::optional<std::int64_t> expected_after(const Moment& moment) const {
    if (options_.expect_every_us) {
      return options_.expect_every_us;
    }
    const auto& stated = moments_.context(moment).every_us;
    return stated ? stated : usual_;
  }

  void add_missed(std::size_t place, std::optional<std::size_t> before) {
    for (const std::size_t run : missed_after_[place]) {
      events_.push_back({ChronicleKind::MissedRun, before, {}, run});
    }
  }

  // Those that left a note say more than what the clocks show, unless another boot followed.
  [[nodiscard]] GapCause cause_of(std::size_t place, std::int64_t distance) const {
    if (place < moments_.size() && !moments_.same_boot(moments_[place - 1], moments_[place])) {
      return GapCause::PoweredOff;
    }
    if (place < moments_.size() && asleep_before(place) > distance / 2) {
      return GapCause::Suspended;
    }
    constexpr std::array kByWeight{std::pair(MissedKind::Failed, GapCause::Failed),
                                   std::pair(MissedKind::Skipped, GapCause::Skipped),
                                   std::pair(MissedKind::Late, GapCause::Late)};
    for (const auto& [kind, cause] : kByWeight) {
      const auto& runs = missed_after_[place];
      const bool noted = std::any_of(runs.begin(), runs.end(), [&, wanted = kind](std::size_t run) {
        return missed_[run].kind == wanted;
      });
      if (noted) {
        return cause;
      }
    }
    return GapCause::Unknown;
  }

  [[nodiscard]] std::int64_t asleep_before(std::size_t at) const {
    const ClockReading& from = moments_[at - 1].begin;
    const ClockReading& to = moments_[at].begin;
    return (to.since_boot.nanoseconds - from.since_boot.nanoseconds -
            (to.monotonic_ns - from.monotonic_ns)) /
           1000;
  }

  void add_gap_of(std::int64_t distance,
                  std::int64_t expected,
                  std::size_t place,
                  std::optional<std::size_t> before) {
    if (distance > expected * kGapPercent / 100 && distance - expected > kGapFloorUs) {
      ChronicleEvent gap{ChronicleKind::TimeGap, before, distance, {}};
      gap.cause = cause_of(place, distance);
      gap.missing_runs = std::max<std::int64_t>(1, (distance + expected / 2) / expected - 1);
      events_.push_back(gap);
    }
  }

  void add_gap(const Moment& from, const Moment& to, std::size_t at) {
    if (const auto expected = expected_after(from); expected && *expected > 0) {
      add_gap_of(distance_us(moments_, from, to), *expected, at, at);
    }
  }

  void add_silence_at_the_end() {
    if (!options_.until || moments_.empty()) {
      return;
    }
    const Moment& last = moments_[moments_.size() - 1];
    const auto expected = expected_after(last);
    if (expected && *expected > 0) {
      add_gap_of(options_.until->microseconds - last.begin.wall.microseconds,
                 *expected,
                 moments_.size(),
                 std::nullopt);
    }
  }

  // Across a reboot only "went backwards" can be said: it is not known how long the machine was
  // off.
  void add_reboot(const ClockReading& from, const ClockReading& to, std::size_t at) {
    events_.push_back({ChronicleKind::Reboot, at, {}, {}});
    if (to.wall < from.wall) {
      events_.push_back({ChronicleKind::ClockStep, at, {}, {}});
    }
  }

  void add_within_boot(const ClockReading& from, const ClockReading& to, std::size_t at) {
    const std::int64_t elapsed = (to.since_boot.nanoseconds - from.since_boot.nanoseconds) / 1000;
    const std::int64_t asleep = asleep_before(at);
    if (asleep > kSuspendFloorUs) {
      events_.push_back({ChronicleKind::Suspend, at, asleep, {}});
    }
    const std::int64_t step = to.wall.microseconds - from.wall.microseconds - elapsed;
    if (std::abs(step) > kStepFloorUs + elapsed / 1'000'000 * kSlewPartsPerMillion) {
      events_.push_back({ChronicleKind::ClockStep, at, step, {}});
    }
  }

  const Moments& moments_;
  std::span<const MissedRun> missed_;
  const ChronicleOptions& options_;
  std::optional<std::int64_t> usual_;
  std::vector<std::vector<std::size_t>> missed_after_;  // by position + 1 of the snapshot before
  std::vector<ChronicleEvent> events_;
  bool told_thinned_ = false;
};

}  // namespace

std::vector<ChronicleEvent> build_chronicle(const Moments& moments,
                                            std::span<const MissedRun> missed,
                                            const ChronicleOptions& options) {
  return ChronicleBuilder(moments, missed, options).build();
}

std::optional<std::size_t> place_within(const ChronicleEvent& event,
                                        const Moments& moments,
                                        schema::SeqRange range) {
  if (!event.thinned || event.thinned->count(range) == 0) {
    return event.before;
  }
  // The first snapshot of a range is what there was before it: events begin with the next one.
  const std::size_t begin = moments.at_or_after(range.first);
  const std::size_t place = moments.at_or_after(event.thinned->within(range).first);
  return begin > 0 && place == begin ? place + 1 : place;
}

std::string_view chronicle_kind_word(ChronicleKind kind) {
  switch (kind) {
    case ChronicleKind::RecorderStarted:
      return "recorder_started";
    case ChronicleKind::Pruned:
      return "pruned";
    case ChronicleKind::Thinned:
      return "thinned";
    case ChronicleKind::RecorderChanged:
      return "recorder_changed";
    case ChronicleKind::Noted:
      return "noted";
    case ChronicleKind::Reboot:
      return "reboot";
    case ChronicleKind::TimeGap:
      return "time_gap";
    case ChronicleKind::ClockStep:
      return "clock_step";
    case ChronicleKind::Suspend:
      return "suspend";
    case ChronicleKind::MissedRun:
      break;
  }
  return "missed_run";
}

std::string_view gap_cause_word(GapCause cause) {
  switch (cause) {
    case GapCause::PoweredOff:
      return "powered_off";
    case GapCause::Suspended:
      return "suspended";
    case GapCause::Failed:
      return "failed";
    case GapCause::Skipped:
      return "skipped";
    case GapCause::Late:
      return "late";
    case GapCause::Unknown:
      break;
  }
  return "unknown";
}

}  // namespace sockwitness::query
