// How many processes /proc hides from a user without the right to see them (hidepid).
//
// In:    what /proc lists; numbers, which the kernel tells anybody whether a process has.
// Out:   at least how many there are that it does not list.
// Never: counts threads, or who has begun or ended meanwhile.
// Source: pidfd_open(2), which asks nobody for a right; Linux 5.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sockwitness::recorder {

// The number that the namespace gave out last, by /proc/loadavg: "0.00 0.01 0.05 1/123 4711".
[[nodiscard]] std::optional<std::int32_t> parse_last_pid(std::string_view text);

// `listed` in ascending order; `proc` numbers processes as the caller's pid namespace does. Looks
// at the numbers that are given out first and last, which is all of them on most hosts.
[[nodiscard]] std::uint32_t count_hidden(int proc, const std::vector<std::int32_t>& listed);

}  // namespace sockwitness::recorder
