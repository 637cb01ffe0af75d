// A little host whose every process and socket is known, and on which nothing happens.
//
// In:    root.
// Out:   a process in namespaces of its own, with servers of many kinds around it that stay as they
//        are until it ends.
// Never: touches anything of the machine that it runs on.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sockwitness::test {

struct Resident {
  std::string role;
  int pid = 0;
};

struct Machine {
  std::vector<Resident> residents;
  std::string database_folder;
};

// Nothing can be tried here: why.
[[nodiscard]] std::string why_no_machine();
// Starts a child that does `work` in it, and with it ends; its pid.
[[nodiscard]] int start_machine(const std::function<int(const Machine&)>& work);

}  // namespace sockwitness::test
