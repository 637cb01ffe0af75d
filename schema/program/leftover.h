// A file, or a directory of files, that must not stay behind however the program ends.
//
// In:    a path, from its making on; the word that it is gone or has got its name.
// Out:   removed by remove_leftovers(): from a signal handler, or where memory has run out.
// Never: asks for memory, follows a link, or goes deeper than one directory.
#pragma once

#include <cstddef>
#include <string>

namespace sockwitness::schema {

class Leftover {
 public:
  Leftover() = default;
  Leftover(const Leftover&) = delete;
  Leftover& operator=(const Leftover&) = delete;
  ~Leftover() { forget(); }

  // False when the path is too long, or too many are known already.
  [[nodiscard]] bool remember(const std::string& path);
  void forget();

 private:
  std::size_t slot_ = 0;  // 0: none
};

// Those that are remembered now. Safe in a signal handler.
void remove_leftovers() noexcept;

}  // namespace sockwitness::schema
