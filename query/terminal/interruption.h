// What happens when somebody ends the program before it has answered.
//
// In:    SIGINT, SIGTERM, SIGHUP; the paths of files that are not finished yet.
// Out:   a message and the exit code for it; the files are gone.
// Never: an end without a word, or by a signal that a parent told us to ignore.
#pragma once

#include <cstddef>
#include <string>

namespace sockwitness::query {

// From now on; for the program as a whole.
void handle_interruption();

// One path that must not stay behind when the program is interrupted.
class UnfinishedFile {
 public:
  UnfinishedFile() = default;
  // False when the path is too long to be remembered.
  [[nodiscard]] bool remember(const std::string& path);
  void forget();

 private:
  std::size_t slot_ = 0;  // 0: none
};

}  // namespace sockwitness::query
