#include "query/terminal/progress.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "query/terminal/screen.h"

namespace sockwitness::query {
namespace {

constexpr std::chrono::milliseconds kProgressPatience{1000};
constexpr std::chrono::milliseconds kBetween{100};

// A terminal that cannot be written to is no reason to fail.
void write_somehow(int descriptor, const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(descriptor, text.data(), text.size());
}

}  // namespace

Progress::Progress(int descriptor, std::string doing, Now now)
    : descriptor_(is_terminal(descriptor) ? descriptor : -1),
      doing_(std::move(doing)),
      now_(std::move(now)),
      next_(now_() + kProgressPatience) {
}

Progress::~Progress() {
  clear();
}

void Progress::show(std::int64_t done, std::int64_t all) {
  if (descriptor_ < 0) {
    return;
  }
  const auto now = now_();
  if (now < next_) {
    return;
  }
  next_ = now + kBetween;
  const std::int64_t percent = all > 0 ? std::clamp<std::int64_t>(done * 100 / all, 0, 100) : 0;
  write_somehow(descriptor_, fmt::format("\r{}: {} %\x1b[K", doing_, percent));
  shown_ = true;
}

void Progress::clear() {
  if (shown_) {
    write_somehow(descriptor_, "\r\x1b[K");
    shown_ = false;
  }
}

}  // namespace sockwitness::query
