// Somebody may wait for a long answer: what the commands hand to the readers.
//
// In:    the terminal, the clock.
// Out:   a tick that moves a progress line.
// Never: in the way of the answer: clear() takes the line away.
#pragma once

#include "query/read/on_progress.h"
#include "query/terminal/progress.h"

namespace sockwitness::query {

class Watch {
 public:
  explicit Watch(std::string doing);

  [[nodiscard]] const OnProgress& on_progress() const { return on_progress_; }
  void clear() { progress_.clear(); }

 private:
  Progress progress_;
  OnProgress on_progress_;
};

}  // namespace sockwitness::query
