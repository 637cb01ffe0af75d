#include "recorder/programs/watched_mutex.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Has the mutex until it goes; ticks while it is told to.
class Owner {
 public:
  explicit Owner(WatchedMutex& mutex, bool ticks) : mutex_(mutex) {
    thread_ = std::thread([this, ticks] {
      REQUIRE(mutex_.lock(nullptr));
      thread_id_ = ::gettid();
      while (!leave_) {
        std::this_thread::sleep_for(milliseconds(5));
        if (ticks) {
          mutex_.tick(nullptr);
        }
      }
      mutex_.unlock();
    });
    while (thread_id_ == 0) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() {
    leave();
    thread_.join();
  }
  void leave() { leave_ = true; }
  [[nodiscard]] pid_t thread_id() const { return thread_id_; }

 private:
  WatchedMutex& mutex_;
  std::atomic<bool> leave_{false};
  std::atomic<pid_t> thread_id_{0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("an owner that hangs is waited for once") {
  WatchedMutex mutex;
  {
    const Owner owner(mutex, false);
    CHECK(mutex.owner() == owner.thread_id());
    Whereabouts mine;
    CHECK_FALSE(WatchedLock(mutex, &mine).held());
    CHECK(mine.pulse == 0);
    const auto begin = steady_clock::now();
    for (int turn = 0; turn < 100; ++turn) {
      CHECK_FALSE(WatchedLock(mutex, nullptr).held());
    }
    CHECK(steady_clock::now() - begin < seconds(10));
  }
  CHECK(mutex.owner() == 0);
  CHECK(WatchedLock(mutex, nullptr).held());  // it came back
  CHECK(WatchedLock(mutex, nullptr).held());
}

TEST_CASE("an owner that gets on is waited for, and so is whoever waits") {
  WatchedMutex mutex;
  Owner owner(mutex, true);
  Whereabouts mine;
  std::thread release([&] {
    std::this_thread::sleep_for(milliseconds(2000));
    owner.leave();
  });
  CHECK(WatchedLock(mutex, &mine).held());
  CHECK(mine.pulse > 0);
  release.join();
}

}  // namespace sockwitness::recorder
