#include "recorder/app/wait_for_lock.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::recorder {

using schema::Error;
using schema::ExitCode;

// A snapshot takes well below a second; who waits longer has met a recorder that is stuck.
RunLock wait_for_lock(const std::string& path) {
  for (int turn = 0; turn < 100; ++turn) {
    if (auto lock = RunLock::try_acquire(path)) {
      return std::move(*lock);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw Error(ExitCode::Unusable,
              fmt::format("locking '{}': another run has held it for ten seconds", path),
              "try again when it has ended");
}

void require_name(const std::string& name, std::string_view what) {
  constexpr std::size_t kLongest = 64;
  const bool plain =
      !name.empty() && name.size() <= kLongest && name.front() != '-' &&
      std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
      });
  if (!plain) {
    throw Error(ExitCode::Usage,
                fmt::format("reading the name '{}': not a name for {}", name, what),
                fmt::format("use letters, digits, '.', '_' and '-', at most {}", kLongest));
  }
}

}  // namespace sockwitness::recorder
