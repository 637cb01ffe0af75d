// The two programs, called within this process.
//
// In:    words of a command line.
// Out:   the exit code and what was printed.
// Never: leaves standard output or standard error elsewhere than they were.
#pragma once

#include <string>
#include <vector>

namespace sockwitness::test {

struct Answer {
  int code = 0;
  std::string out;
  std::string err;
};

[[nodiscard]] Answer ask(std::vector<std::string> words);     // sockwitness WORDS…
[[nodiscard]] Answer record(std::vector<std::string> words);  // sockwitness-recorder WORDS…

}  // namespace sockwitness::test
