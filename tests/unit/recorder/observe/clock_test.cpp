#include "recorder/observe/clock.h"

#include <string>

#include <catch2/catch.hpp>

#include "recorder/os/time_offsets.h"

TEST_CASE("the clocks go forward, and boot time counts at least what monotonic time does") {
  const auto first = sockwitness::recorder::read_clocks();
  const auto second = sockwitness::recorder::read_clocks();
  constexpr std::int64_t kYear2020 = 1'577'836'800'000'000;
  CHECK(first.wall.microseconds > kYear2020);
  CHECK(second.since_boot >= first.since_boot);
  CHECK(second.monotonic_ns >= first.monotonic_ns);
  // Of one instant each, and any time apart.
  CHECK(second.since_boot.nanoseconds >= first.monotonic_ns);
}

TEST_CASE("the offsets of a time namespace") {
  using sockwitness::recorder::parse_time_offsets;
  using sockwitness::recorder::TimeOffsets;
  CHECK(parse_time_offsets("monotonic           0         0\nboottime            0         0\n") ==
        TimeOffsets());
  CHECK(parse_time_offsets("monotonic  -5  500000000\nboottime  86400 1\n") ==
        TimeOffsets{-4'500'000'000, 86'400'000'000'001});
  CHECK(parse_time_offsets("") == TimeOffsets());
  for (const char* text : {"monotonic",
                           "boottime 1",
                           "boottime 1 2 3",
                           "boottime 1 -1",
                           "x 1 1",
                           "boottime 1 1000000000",
                           "boottime 9000000001 0",
                           "boottime a 0"}) {
    INFO(text);
    CHECK_FALSE(parse_time_offsets(text));
  }
}
