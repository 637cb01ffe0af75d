#include "recorder/observe/clock.h"

#include <ctime>

#include "recorder/os/time_offsets.h"
#include "recorder/os/timespec.h"

namespace sockwitness::recorder {
namespace {

// Cannot fail with these clocks and this pointer.
timespec read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time;
}

}  // namespace

schema::ClockReading read_clocks() {
  const auto wall = read_clock(CLOCK_REALTIME);
  const auto since_boot = read_clock(CLOCK_BOOTTIME);
  const auto monotonic = read_clock(CLOCK_MONOTONIC);
  schema::ClockReading reading;
  reading.wall.microseconds = std::int64_t{wall.tv_sec} * 1'000'000 + wall.tv_nsec / 1000;
  const TimeOffsets& offsets = own_time_offsets();
  reading.since_boot.nanoseconds = to_nanoseconds(since_boot) - offsets.boottime_ns;
  reading.monotonic_ns = to_nanoseconds(monotonic) - offsets.monotonic_ns;
  return reading;
}

}  // namespace sockwitness::recorder
