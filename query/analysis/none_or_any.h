// A condition that holds where nothing is asked for.
#pragma once

#include <algorithm>

namespace sockwitness::query {

// True when `wanted` is empty or `test` accepts one of its elements.
template <class List, class Test>
[[nodiscard]] bool none_or_any(const List& wanted, Test test) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), test);
}

}  // namespace sockwitness::query
