#include "query/analysis/chronicle.h"

#include <algorithm>
#include <cstdlib>

#include "query/analysis/pick.h"

namespace sockwitness::query {
namespace {

using schema::ClockReading;
using schema::SnapshotInfo;

constexpr std::int64_t kStepFloorUs = 2'000'000;
constexpr std::int64_t kSlewPartsPerMillion = 500;  // as fast as the kernel ever slews
constexpr std::int64_t kSuspendFloorUs = 1'000'000;
constexpr std::int64_t kGapPercent = 150;

std::int64_t since_boot_us(const ClockReading& from, const ClockReading& to) {
  return (to.since_boot.nanoseconds - from.since_boot.nanoseconds) / 1000;
}

void add_within_boot(std::vector<ChronicleEvent>& events,
                     const ClockReading& from,
                     const ClockReading& to,
                     std::size_t before) {
  const std::int64_t elapsed = since_boot_us(from, to);
  const std::int64_t awake = (to.monotonic_ns - from.monotonic_ns) / 1000;
  if (elapsed - awake > kSuspendFloorUs) {
    events.push_back({ChronicleKind::Suspend, before, elapsed - awake, std::nullopt});
  }
  const std::int64_t step = to.wall.microseconds - from.wall.microseconds - elapsed;
  if (std::abs(step) > kStepFloorUs + elapsed / 1'000'000 * kSlewPartsPerMillion) {
    events.push_back({ChronicleKind::ClockStep, before, step, std::nullopt});
  }
}

// Within a boot the time that really passed, across a reboot what the wall clock says.
std::int64_t distance_us(const SnapshotInfo& from, const SnapshotInfo& to) {
  return from.context.boot_id == to.context.boot_id
             ? since_boot_us(from.begin, to.begin)
             : to.begin.wall.microseconds - from.begin.wall.microseconds;
}

}  // namespace

std::vector<ChronicleEvent> build_chronicle(std::span<const SnapshotInfo> snapshots,
                                            std::span<const schema::MissedRun> missed) {
  std::vector<ChronicleEvent> events;
  const auto usual = usual_interval_us(snapshots);
  std::vector<std::vector<std::size_t>> missed_after(snapshots.size() +
                                                     1);  // by position + 1 of the snapshot before
  for (std::size_t at = 0; at < missed.size(); ++at) {
    std::size_t place = 0;
    if (missed[at].after) {
      const auto next = std::upper_bound(
          snapshots.begin(),
          snapshots.end(),
          *missed[at].after,
          [](schema::Seq seq, const SnapshotInfo& info) { return seq < info.seq; });
      place = static_cast<std::size_t>(next - snapshots.begin());
    }
    missed_after[place].push_back(at);
  }
  for (std::size_t at = 0; at <= snapshots.size(); ++at) {
    const auto before = at < snapshots.size() ? std::optional(at) : std::nullopt;
    for (const std::size_t run : missed_after[at]) {
      events.push_back({ChronicleKind::MissedRun, before, 0, run});
    }
    if (at == 0 || !before) {
      continue;
    }
    const SnapshotInfo& from = snapshots[at - 1];
    const SnapshotInfo& to = snapshots[at];
    const std::int64_t distance = distance_us(from, to);
    if (usual && distance > *usual * kGapPercent / 100) {
      events.push_back({ChronicleKind::TimeGap, before, distance, std::nullopt});
    }
    if (from.context.boot_id != to.context.boot_id) {
      events.push_back({ChronicleKind::Reboot, before, 0, std::nullopt});
    } else {
      add_within_boot(events, from.begin, to.begin, at);
    }
  }
  return events;
}

std::string_view chronicle_kind_word(ChronicleKind kind) {
  switch (kind) {
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

}  // namespace sockwitness::query
