// What a shell or an interpreter was started to run: code in its arguments, or standard input.
//
// In:    the family of the program, its arguments.
// Out:   the code on the command line; whether it reads commands from standard input.
// Never: resolves the path of a script: the recorder did that on the spot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::query {

using Arguments = std::vector<std::string_view>;

struct Invocation {
  std::string inline_code;  // after -c, -e and their like, several joined by newlines
  bool names_code = false;  // a script, module or class is named
  bool bare = false;        // neither, or both lead to standard input: what comes there is obeyed
  // Bare, or a shell whose script is a descriptor, or whose code reads lines and runs them.
  bool obeys = false;
};

// `first` is the position of the first argument behind the program's own name (2 for
// "busybox sh").
[[nodiscard]] Invocation read_invocation(std::string_view family,
                                         const Arguments& arguments,
                                         std::size_t first = 1);

}  // namespace sockwitness::query
