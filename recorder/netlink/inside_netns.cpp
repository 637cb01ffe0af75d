#include "recorder/netlink/inside_netns.h"

#include <sched.h>

#include <exception>
#include <system_error>
#include <thread>

namespace sockwitness::recorder {

std::optional<SysError> run_inside(int netns, const std::function<void()>& work) {
  std::optional<SysError> refused;
  std::exception_ptr thrown;
  try {
    std::thread([&] {
      if (::setns(netns, CLONE_NEWNET) != 0) {
        refused = last_error("entering", "network namespace");
        return;
      }
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
    }).join();
  } catch (const std::system_error& error) {
    return SysError{error.code().value(), "starting", "thread"};
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  return refused;
}

}  // namespace sockwitness::recorder
