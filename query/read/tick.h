// How far a long reading has come, told to whoever waits.
//
// In:    how much of it is done, of how much.
// Out:   nothing; it may be called often.
// Never: empty: a reader that nobody watches is handed no_tick().
#pragma once

#include <cstdint>
#include <functional>

namespace sockwitness::query {

using Tick = std::function<void(std::int64_t done, std::int64_t all)>;

[[nodiscard]] inline Tick no_tick() {
  return [](std::int64_t, std::int64_t) {};
}

}  // namespace sockwitness::query
