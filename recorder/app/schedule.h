// The turns of a loop: at whole multiples of an interval from its start, never twice, never made up
// for.
//
// In:    the interval, and the time since the start (monotonic: a stepped wall clock must not stop
//        a recorder).
// Out:   when the next turn is, and how many turns have been left out.
// Never: drifts: a late turn does not move the ones after it.
#pragma once

#include <chrono>
#include <cstdint>

namespace sockwitness::recorder {

class Schedule {
 public:
  explicit Schedule(std::chrono::nanoseconds every) : every_(every) {}

  // When the next turn is due, since the start. The first one is due at once.
  [[nodiscard]] std::chrono::nanoseconds due() const { return every_ * next_; }

  // Takes the turn that is due at `now`; returns how many turns before it went by unused.
  std::uint32_t take(std::chrono::nanoseconds now) {
    const std::int64_t turn = now >= due() ? now / every_ : next_;
    const std::int64_t left_out = turn - next_;
    next_ = turn + 1;
    return static_cast<std::uint32_t>(left_out);
  }

 private:
  std::chrono::nanoseconds every_;
  std::int64_t next_ = 0;
};

}  // namespace sockwitness::recorder
