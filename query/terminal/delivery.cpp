#include "query/terminal/delivery.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <chrono>

#include "query/terminal/sink.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

// A mail program that queues what it reads is done long before.
constexpr std::chrono::seconds kPatience(60);
constexpr int kPauseMs = 20;

bool is_pipe(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

void deliver(int descriptor, std::string_view message) {
  ::signal(SIGPIPE, SIG_IGN);  // a pipe that broke is an error here, and its files are taken away
  write_all(descriptor, message);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int unread = 0;
  while (is_pipe(descriptor) && ::ioctl(descriptor, FIONREAD, &unread) == 0 && unread > 0) {
    pollfd state{descriptor, 0, 0};
    if (::poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0) {
      throw BrokenPipe{};
    }
    if (std::chrono::steady_clock::now() > end) {
      throw schema::Error(schema::ExitCode::Unusable,
                          "writing the answer: nobody read it within a minute",
                          "it does not count as told, and is told again");
    }
    ::poll(nullptr, 0, kPauseMs);
  }
}

}  // namespace sockwitness::query
