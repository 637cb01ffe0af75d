// What an errno says of the object that was asked for.
#pragma once

#include <cerrno>

namespace sockwitness::recorder {

// Nothing is there: the name, or a folder on the way to it, does not exist.
[[nodiscard]] constexpr bool is_absent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR;
}

}  // namespace sockwitness::recorder
