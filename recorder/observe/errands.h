// Jobs that may not come back, done one after the other by a thread that is then left behind.
//
// In:    a number of jobs; what is to be said of the one that hangs.
// Out:   the result of each that came back in time.
// Never: waits for a job longer than there is patience, or uses what comes back too late.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "recorder/observe/hangs.h"

namespace sockwitness::recorder {

// One list of jobs and the thread that does them now.
template <class T>
class Errands {
 public:
  using Job = std::function<T(std::size_t)>;
  using Describe = std::function<Hang(std::size_t)>;

  // `job` owns, or shares, whatever it uses: it may outlive the call. Nothing: it did not come back
  // in time, or was not tried.
  static std::vector<std::optional<T>> run(Hangs& hangs,
                                           std::size_t count,
                                           Job job,
                                           const Describe& describe) {
    const auto state = std::make_shared<State>();
    state->job = std::move(job);
    state->results.resize(count);
    while (state->next < count && hangs.patience().count() > 0) {
      run_on(hangs, state, describe);
    }
    const std::scoped_lock lock(state->mutex);
    return std::move(state->results);
  }

 private:
  struct State {
    Job job;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::optional<T>> results;
    std::size_t next = 0;     // the first that nobody began
    unsigned generation = 0;  // of the thread that counts
    bool idle = true;
    pid_t thread = 0;
    std::size_t current = 0;
  };

  static void work(const std::shared_ptr<State>& state, unsigned generation) {
    std::unique_lock lock(state->mutex);
    state->thread = ::gettid();
    while (state->generation == generation && state->next < state->results.size()) {
      const std::size_t at = state->current = state->next++;
      lock.unlock();
      T result = state->job(at);
      lock.lock();
      if (state->generation != generation) {
        return;
      }
      state->results[at] = std::move(result);
      state->changed.notify_all();
    }
    state->idle = true;
    state->changed.notify_all();
  }

  // Until all is done, or one job hangs.
  static void run_on(Hangs& hangs, const std::shared_ptr<State>& state, const Describe& describe) {
    std::unique_lock lock(state->mutex);
    const unsigned generation = state->generation;
    state->idle = false;
    lock.unlock();
    std::thread thread;
    try {
      thread = std::thread([state, generation] { work(state, generation); });
    } catch (const std::system_error&) {
      work(state, generation);
      return;
    }
    lock.lock();
    while (!state->idle) {
      hangs.tick();
      const std::size_t begun = state->next;
      const auto moved = [&] { return state->idle || state->next != begun; };
      if (!state->changed.wait_for(lock, hangs.patience_under_way(), moved)) {
        Hang hang = describe(state->current);
        hang.thread = schema::Pid(state->thread);
        ++state->generation;
        lock.unlock();
        hangs.add(std::move(hang));
        thread.detach();
        return;
      }
    }
    lock.unlock();
    thread.join();
  }
};

}  // namespace sockwitness::recorder
