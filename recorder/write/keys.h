// Keys for matching: one for each member of a vector, made in order.
//
// In:    a vector and a function from a member to its key.
// Out:   a parallel vector of keys.
// Never: drops or reorders.
#pragma once

#include <utility>
#include <vector>

namespace sockwitness::recorder {

template <class T, class Make>
auto make_keys(const std::vector<T>& values, Make make) {
  std::vector<decltype(make(std::declval<const T&>()))> keys;
  keys.reserve(values.size());
  for (const T& value : values) {
    keys.push_back(make(value));
  }
  return keys;
}

}  // namespace sockwitness::recorder
