#include "schema/program/held_signals.h"

#include <time.h>

#include <array>
#include <string>

#include "schema/base/error.h"

namespace sockwitness::schema {
namespace {

struct Known {
  int number;
  const char* name;
};
constexpr std::array kEnding{Known{SIGINT, "SIGINT"},
                             Known{SIGTERM, "SIGTERM"},
                             Known{SIGHUP, "SIGHUP"},
                             Known{SIGQUIT, "SIGQUIT"}};

}  // namespace

HeldSignals::HeldSignals() {
  sigemptyset(&held_);
  for (const Known& signal : kEnding) {
    struct sigaction action {};
    if (sigaction(signal.number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
      sigaddset(&held_, signal.number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

HeldSignals::~HeldSignals() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int HeldSignals::waiting() const {
  sigset_t pending{};
  if (sigpending(&pending) != 0) {
    return 0;
  }
  for (const Known& signal : kEnding) {
    if (sigismember(&pending, signal.number) == 1 && sigismember(&held_, signal.number) == 1) {
      return signal.number;
    }
  }
  return 0;
}

void HeldSignals::stop_if_waiting(const char* doing) const {
  const int number = waiting();
  for (const Known& signal : kEnding) {
    if (signal.number == number) {
      take_waiting();
      throw Error(ExitCode::Interrupted, std::string(doing) + ": interrupted by " + signal.name);
    }
  }
}

void HeldSignals::take_waiting() const {
  const timespec at_once{};
  while (sigtimedwait(&held_, nullptr, &at_once) > 0) {
  }
}

}  // namespace sockwitness::schema
