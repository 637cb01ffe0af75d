// Two kinds of time that never mix: the wall clock, and the clock since boot.
//
// In:    microseconds since 1970 (CLOCK_REALTIME); nanoseconds since boot (CLOCK_BOOTTIME, which
//        counts suspend).
// Out:   RFC 3339 UTC text, with or without decimals; ages in words.
// Never: reads a clock. `now` is always an argument; only the two app folders create it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

struct WallTime {
  std::int64_t microseconds = 0;  // since 1970-01-01T00:00:00Z
  friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

struct BootTime {
  std::int64_t nanoseconds = 0;  // since the boot of the same boot id
  friend constexpr auto operator<=>(const BootTime&, const BootTime&) = default;
};

// "2026-11-23T03:30:00.000000Z": the JSON form.
[[nodiscard]] std::string format_utc_micros(WallTime time);

// "2026-11-23T03:30:00Z": the form for one-line messages.
[[nodiscard]] std::string format_utc(WallTime time);

// Strict RFC 3339 with an offset ("…Z", "…+02:00"), 0 to 9 decimals (cut to microseconds). Nothing
// else.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

// "now", "42s", "17m", "3h", "41d", "2y": one unit, rounded down. Negative ages give "now".
[[nodiscard]] std::string format_age(std::chrono::microseconds age);

}  // namespace sockwitness::schema
