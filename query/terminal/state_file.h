// A small file with what the next run of a command has to know, and the lock beside it.
//
// In:    a path, the text.
// Out:   the text as it was kept, or why there is none; a new one in its place as a whole.
// Never: follows a path that another user could have made: a link, another user's file, or one that
//        others may write to.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::query {

inline constexpr std::size_t kLargestState = std::size_t{8} << 20;

struct StateText {
  std::optional<std::string> text;
  std::string damage;  // why there is none although there is a file; empty for none
};

[[nodiscard]] StateText read_state_text(const std::string& path,
                                        std::size_t largest = kLargestState);

// On disk under its name, or the one before still is. Only for whoever holds the lock: the
// unfinished file has a fixed name. Throws schema::Error (Unusable) with the hint.
void replace_state_text(const std::string& path, std::string_view text, const std::string& hint);

// Every folder on the way to `path`, readable by the user alone. Some may be there.
void make_state_folder(const std::string& path);

// The advisory lock of a file that is made when it is not there, held as long as this lives.
class StateLock {
 public:
  struct Words {
    std::string busy;       // why not, when another run holds it
    std::string busy_hint;  // what to do then
    std::string hint;       // where it cannot be had at all
  };

  // Throws schema::Error (Unusable) when it is not free within `patience`.
  StateLock(const std::string& path, std::chrono::seconds patience, const Words& words);
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock();

 private:
  int descriptor_ = -1;
};

}  // namespace sockwitness::query
