// What is left to the end of the process, which gives back all of its memory at once.
//
// In:    a value that nobody uses any more, and whose parts are many.
// Out:   nothing: it stays as it is.
// Never: used by a program that goes on, as a loop does: it would only grow. Never for what writes,
//        unlocks or closes when it is destroyed.
#pragma once

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace sockwitness::recorder {

inline void keep_to_exit(std::shared_ptr<const void> value) {
  static std::mutex& mutex = *new std::mutex;
  static auto& kept = *new std::vector<std::shared_ptr<const void>>;
  const std::scoped_lock lock(mutex);
  kept.push_back(std::move(value));
}

template <class T>
void leave_to_exit(T&& value) {
  static_assert(!std::is_lvalue_reference_v<T>, "what is used any more is not to be left");
  keep_to_exit(std::make_shared<std::decay_t<T>>(std::forward<T>(value)));
}

}  // namespace sockwitness::recorder
