// What the long command lines of one pass may take in memory together.
//
// In:    the length of each that is kept whole; from several threads at once.
// Out:   whether there is room for it.
// Never: forgets a line: one lives as long as its pass.
#pragma once

#include <atomic>
#include <cstddef>

namespace sockwitness::recorder {

class LineMemory {
 public:
  explicit LineMemory(std::size_t most) : most_(most) {}

  // False: there is none, and nothing was taken.
  [[nodiscard]] bool take(std::size_t length) {
    if (taken_.fetch_add(length) + length <= most_) {
      return true;
    }
    taken_.fetch_sub(length);
    return false;
  }

 private:
  std::size_t most_;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace sockwitness::recorder
