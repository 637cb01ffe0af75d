// The last component of a path.
//
// In:    bytes of the host.
// Out:   what stands after the last slash; the whole text without one. A view of the same bytes.
// Never: looks at a file system.
#pragma once

#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] constexpr std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace sockwitness::schema
