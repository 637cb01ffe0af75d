#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "recorder/app/commands.h"
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

void print_flushed(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

// One turn; a failure is told and the loop goes on: the next turn may have the space that this one
// lacked.
void take_turn(const schema::DatabasePlace& place,
               const LoopOptions& options,
               std::uint32_t left_out,
               Walker& walker) {
  try {
    const RunOutcome outcome =
        run_once({place.path, place.usual, {}, left_out, options.every}, walker);
    if (left_out > 0) {
      fmt::print(stderr, "sockwitness-recorder: late: {} turns were left out\n", left_out);
    }
    if (!outcome.written) {
      fmt::print(stderr,
                 "sockwitness-recorder: skipped: another run is recording to the same database\n");
    } else if (!options.quiet) {
      print_flushed(summary_line(*outcome.written));
    }
  } catch (const schema::Error& failure) {
    fmt::print(stderr, "{}", schema::error_text("sockwitness-recorder", failure));
  }
}

}  // namespace

schema::ExitCode run_loop(const schema::DatabasePlace& place, const LoopOptions& options) {
  const StopSignals stop;
  Walker walker;
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
    take_turn(place, options, schedule.take(turn), walker);
  }
}

}  // namespace sockwitness::recorder
