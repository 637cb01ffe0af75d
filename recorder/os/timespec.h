// A time of the kernel as nanoseconds.
#pragma once

#include <cstdint>
#include <ctime>

namespace sockwitness::recorder {

[[nodiscard]] constexpr std::int64_t to_nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace sockwitness::recorder
