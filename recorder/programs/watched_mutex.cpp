#include "recorder/programs/watched_mutex.h"

#include <unistd.h>

namespace sockwitness::recorder {

bool WatchedMutex::lock(Whereabouts* mine) {
  constexpr std::chrono::milliseconds kLook{50};
  constexpr std::chrono::milliseconds kPatience{1500};  // below that of whoever watches the caller
  std::uint32_t seen = pulse_;
  std::chrono::milliseconds waited{0};
  while (!mutex_.try_lock_for(hangs_ ? std::chrono::milliseconds(0) : kLook)) {
    waited += kLook;
    if (const std::uint32_t pulse = pulse_; pulse != seen) {
      seen = pulse;
      waited = {};
      if (mine != nullptr) {
        ++mine->pulse;
      }
    }
    if (hangs_ || waited >= kPatience) {
      hangs_ = true;
      return false;
    }
  }
  hangs_ = false;
  owner_ = ::gettid();
  return true;
}

void WatchedMutex::unlock() {
  owner_ = 0;
  mutex_.unlock();
}

void WatchedMutex::tick(Whereabouts* mine) {
  ++pulse_;
  if (mine != nullptr) {
    ++mine->pulse;
  }
}

}  // namespace sockwitness::recorder
