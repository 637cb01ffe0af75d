// How far the clocks of a time namespace are from those of the host.
//
// In:    /proc/self/timens_offsets. Source: time_namespaces(7).
// Out:   what the kernel adds to the times since boot that it tells this process, those of other
//        processes included; nothing is added where there are no such namespaces.
// Never: an offset of the wall clock: it has none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::recorder {

struct TimeOffsets {
  std::int64_t monotonic_ns = 0;
  std::int64_t boottime_ns = 0;

  friend bool operator==(const TimeOffsets&, const TimeOffsets&) = default;
};

// "monotonic           0         0\nboottime       86400         0\n"
[[nodiscard]] std::optional<TimeOffsets> parse_time_offsets(std::string_view text);

// Of this process; it never changes while it runs.
[[nodiscard]] const TimeOffsets& own_time_offsets();

}  // namespace sockwitness::recorder
