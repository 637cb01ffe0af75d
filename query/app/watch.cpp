#include "query/app/watch.h"

#include <unistd.h>

namespace sockwitness::query {
namespace {

std::chrono::milliseconds read_steady_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

Watch::Watch(std::string doing)
    : progress_(STDERR_FILENO, std::move(doing), read_steady_clock),
      on_progress_([this](std::int64_t done, std::int64_t all) { progress_.show(done, all); }) {
}

}  // namespace sockwitness::query
