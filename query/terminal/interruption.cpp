#include "query/terminal/interruption.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <string_view>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr std::string_view kMessage = "sockwitness: interrupted before the answer was complete\n";

// What a signal handler may look at. A path without its first character is none yet.
std::array<std::array<char, PATH_MAX>, 4> unfinished{};

void end_by_signal(int /*signal*/) {
  for (const auto& path : unfinished) {
    if (path.front() != '\0') {
      ::unlink(path.data());
    }
  }
  // Nobody can be told that this failed.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(static_cast<int>(schema::ExitCode::Interrupted));
}

}  // namespace

void handle_interruption() {
  for (const int signal : kSignals) {
    struct sigaction old {};
    // A parent may have told us to ignore them: nohup.
    if (::sigaction(signal, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) {
      continue;
    }
    struct sigaction action {};
    action.sa_handler = end_by_signal;
    ::sigfillset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
  }
}

bool UnfinishedFile::remember(const std::string& path) {
  if (path.empty() || path.size() >= unfinished.front().size()) {
    return false;
  }
  for (std::size_t slot = 1; slot <= unfinished.size(); ++slot) {
    auto& place = unfinished[slot - 1];
    if (place.front() == '\0') {
      ::memcpy(place.data() + 1, path.c_str() + 1, path.size());
      std::atomic_signal_fence(std::memory_order_seq_cst);
      place.front() = path.front();
      slot_ = slot;
      return true;
    }
  }
  return false;
}

void UnfinishedFile::forget() {
  if (slot_ != 0) {
    unfinished[slot_ - 1].front() = '\0';
    slot_ = 0;
  }
}

}  // namespace sockwitness::query
