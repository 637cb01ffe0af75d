// A mutex whose owner may hang: waited for as long as the owner gets on.
//
// In:    what the owner says of its progress.
// Out:   the lock; or that it cannot be had.
// Never: waits for an owner that is stuck in the kernel longer than once.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

class WatchedMutex {
 public:
  // False: its owner hangs. `mine`: the caller, who gets on while the owner does; may be null.
  [[nodiscard]] bool lock(Whereabouts* mine);
  void unlock();

  // Of the owner: it got on. `mine` as above.
  void tick(Whereabouts* mine);

  // The thread that has it; 0: none.
  [[nodiscard]] pid_t owner() const { return owner_; }

 private:
  std::timed_mutex mutex_;
  std::atomic<std::uint32_t> pulse_{0};
  std::atomic<pid_t> owner_{0};
  std::atomic<bool> hangs_{false};  // somebody has waited in vain
};

// Holds one, if it could be had.
class WatchedLock {
 public:
  WatchedLock(WatchedMutex& mutex, Whereabouts* mine) : mutex_(mutex), held_(mutex.lock(mine)) {}
  WatchedLock(const WatchedLock&) = delete;
  WatchedLock& operator=(const WatchedLock&) = delete;
  ~WatchedLock() {
    if (held_) {
      mutex_.unlock();
    }
  }
  [[nodiscard]] bool held() const { return held_; }

 private:
  WatchedMutex& mutex_;
  bool held_;
};

}  // namespace sockwitness::recorder
