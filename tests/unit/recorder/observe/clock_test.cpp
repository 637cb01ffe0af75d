#include "recorder/observe/clock.h"

#include <catch2/catch.hpp>

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
