#include "query/terminal/interruption.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "schema/base/error.h"
#include "schema/program/leftover.h"

namespace sockwitness::query {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr std::string_view kMessage = "sockwitness: interrupted before the answer was complete\n";

void end_by_signal(int /*signal*/) {
  schema::remove_leftovers();
  // There is no way left to report that this failed.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(static_cast<int>(schema::ExitCode::Interrupted));
}

}  // namespace

void handle_interruption() {
  for (const int signal : kSignals) {
    struct sigaction old {};
    // The parent may have set them to be ignored: nohup.
    if (::sigaction(signal, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) {
      continue;
    }
    struct sigaction action {};
    action.sa_handler = end_by_signal;
    ::sigfillset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
  }
}

LastSteps::LastSteps() {
  sigset_t held;
  ::sigemptyset(&held);
  for (const int signal : kSignals) {
    ::sigaddset(&held, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

LastSteps::~LastSteps() {
  if (!taken_) {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
}

}  // namespace sockwitness::query
