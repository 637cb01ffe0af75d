// Signals that would end the program, kept waiting while something must be put in order first.
//
// In:    the scope of the object; one thread, or threads that start within it.
// Out:   which of them is waiting; delivered when the object goes.
// Never: holds back a signal that the parent process had set to be ignored (nohup).
#pragma once

#include <signal.h>

namespace sockwitness::schema {

class HeldSignals {
 public:
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals();

  // 0: none.
  [[nodiscard]] int waiting() const;
  // Throws Error (Interrupted) when one is waiting, and takes it; `doing` as in "copying 'x.db'".
  void stop_if_waiting(const char* doing) const;
  // It was obeyed by ending in good order: it is not to end the program once more.
  void take_waiting() const;
  // What was blocked before: for children.
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

}  // namespace sockwitness::schema
