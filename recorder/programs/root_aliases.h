// One spelling for a path that is reachable under two: "/bin/bash" and "/usr/bin/bash" on a merged
// /usr.
//
// In:    the symbolic links that lie directly in a root directory ("bin" to "usr/bin").
// Out:   paths whose first component is none of these links.
// Never: looks at links further down, or touches a path that is not absolute.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recorder/os/result.h"

namespace sockwitness::recorder {

class RootAliases {
 public:
  RootAliases() = default;
  // Links that cannot be read, or that lead upwards, are left out.
  [[nodiscard]] static Result<RootAliases> read_from(int root);

  // "/bin/bash" gives "/usr/bin/bash". The view is of `path` or of `buffer`.
  [[nodiscard]] std::string_view canonical(std::string_view path, std::string& buffer) const;
  [[nodiscard]] std::string canonical(std::string_view path) const;

  // `name` without slash, `target` with or without a leading one.
  void add(std::string name, std::string_view target);

 private:
  std::vector<std::pair<std::string, std::string>> links_;  // "bin", "/usr/bin"
};

}  // namespace sockwitness::recorder
