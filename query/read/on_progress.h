// A callback for the progress of a long query.
//
// In:    how much of it is done, of how much.
// Out:   nothing; it may be called often.
// Never: an empty function: no_progress() is the one that does nothing.
#pragma once

#include <cstdint>
#include <functional>

namespace sockwitness::query {

using OnProgress = std::function<void(std::int64_t done, std::int64_t all)>;

[[nodiscard]] inline OnProgress no_progress() {
  return [](std::int64_t, std::int64_t) {};
}

}  // namespace sockwitness::query
