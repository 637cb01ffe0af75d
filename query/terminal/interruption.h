// What happens when a signal ends the program before it has answered.
//
// In:    SIGINT, SIGTERM, SIGHUP.
// Out:   a message and the exit code for it; files that are not finished yet are gone. Once the
//        answer is there as a whole: nothing, its own exit code is the right one.
// Never: an end without a word, or by a signal that a parent told us to ignore; files of an answer
//        of which one has its name and another is gone.
#pragma once

#include <signal.h>

namespace sockwitness::query {

// From now on; for the program as a whole.
void handle_interruption();

// The last steps of an answer: quick, and all of them or none. A signal waits until they are taken,
// and where they failed ends the program then.
class LastSteps {
 public:
  LastSteps();
  LastSteps(const LastSteps&) = delete;
  LastSteps& operator=(const LastSteps&) = delete;
  ~LastSteps();
  // What was asked for is there: nothing is left to interrupt until the program ends.
  void taken() { taken_ = true; }

 private:
  sigset_t before_{};
  bool taken_ = false;
};

}  // namespace sockwitness::query
