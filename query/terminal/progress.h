// A line on a terminal that says how far a long answer has come.
//
// In:    how much of it is done, of how much; a clock.
// Out:   the line, once a second has passed, rewritten in place; gone when the object goes.
// Never: a byte to a pipe or a file, or beside an answer that is being written.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace sockwitness::query {

class Progress {
 public:
  using Now = std::function<std::chrono::milliseconds()>;

  // `doing` as in "reading history"; `descriptor` is where messages go.
  Progress(int descriptor, std::string doing, Now now);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::int64_t done, std::int64_t all);
  // Takes the line away, so that the answer can be written.
  void clear();

 private:
  int descriptor_;
  std::string doing_;
  Now now_;
  std::chrono::milliseconds next_;
  bool shown_ = false;
};

}  // namespace sockwitness::query
