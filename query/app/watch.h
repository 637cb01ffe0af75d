// The progress line of a long answer.
//
// In:    the terminal, the clock.
// Out:   a callback for the readers that moves the line.
// Never: disturbs the answer: clear() removes the line.
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
