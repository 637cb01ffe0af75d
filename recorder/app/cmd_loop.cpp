#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <new>

#include <fmt/format.h>

#include "recorder/app/account.h"
#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "recorder/app/schedule.h"
#include "recorder/observe/clock.h"

namespace sockwitness::recorder {
namespace {

using std::chrono::nanoseconds;

// SIGTERM and SIGINT as something to wait for: a snapshot under way is always finished.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // The signal that came within `patience`, 0 for none.
  [[nodiscard]] int wait_for(nanoseconds patience) const {
    const auto left = patience < nanoseconds::zero() ? nanoseconds::zero() : patience;
    const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    const int signal = sigtimedwait(&set_, nullptr, &timeout);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t set_{};
};

// One turn; a failure is told and the loop goes on: the next turn may have the space that this one
// lacked.
void take_turn(const schema::DatabasePlace& place,
               const LoopOptions& options,
               std::uint32_t left_out) {
  try {
    const RunOutcome outcome = run_once({.database = place.path,
                                         .make_directory = place.usual,
                                         .note = {},
                                         .late_turns = left_out,
                                         .every = options.every,
                                         .mask = options.mask});
    if (left_out > 0) {
      tell(fmt::format("late: {} turn{} left out", left_out, left_out == 1 ? " was" : "s were"));
    }
    tell_deferred(outcome, options.quiet);
    if (outcome.deferred) {
      return;
    }
    if (!outcome.written) {
      tell(skipped_line(outcome));
    } else if (!options.quiet) {
      answer(summary_line(*outcome.written), "the snapshot is recorded all the same");
    }
    if (!outcome.hangs.empty() && !options.quiet) {
      tell_waiting(outcome.hangs);
    }
  } catch (const schema::Error& failure) {
    std::fputs(schema::error_text("sockwitness-recorder", failure).c_str(), stderr);
  } catch (const NotedOutOfMemory&) {
    tell_out_of_memory(true);
  } catch (const std::bad_alloc&) {
    tell_out_of_memory(false);
  }
}

}  // namespace

schema::ExitCode run_loop(const schema::DatabasePlace& place, const LoopOptions& options) {
  const StopSignals stop;
  Schedule schedule(options.every);
  const std::int64_t start = read_clocks().monotonic_ns;
  const auto now = [start] { return nanoseconds(read_clocks().monotonic_ns - start); };
  while (true) {
    if (const int signal = stop.wait_for(schedule.due() - now())) {
      return signal == SIGINT ? schema::ExitCode::Interrupted : schema::ExitCode::Clean;
    }
    const auto turn = now();
    if (turn < schedule.due()) {
      continue;  // woken early by a signal that is not for us
    }
    take_turn(place, options, schedule.take(turn));
  }
}

}  // namespace sockwitness::recorder
