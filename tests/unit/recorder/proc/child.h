// A child process of the test that does one thing and then waits.
//
// In:    a function to run in the child, or a program to become.
// Out:   its pid, once it is ready; killed and reaped with the object.
// Never: leaves a process behind.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

class Child {
 public:
  // `work` runs in the child, which then waits. False: the child could not do it.
  explicit Child(const std::function<bool()>& work);
  // Becomes a program that must wait by itself, by descriptor (as fexecve) or path.
  Child(int program, const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool ready() const { return ready_; }

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

}  // namespace sockwitness::recorder
