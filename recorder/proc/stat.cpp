#include "recorder/proc/stat.h"

#include <limits>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// Source: include/linux/sched.h.
constexpr std::uint32_t kFlagExiting = 0x4;
constexpr std::uint32_t kFlagKernelThread = 0x200000;

// Procfs counts in USER_HZ, which is 100 on every architecture with this interface.
constexpr std::int64_t kNanosecondsPerTick = 10'000'000;

template <class T>
bool scan_field(std::string_view& text, T& field) {
  if (!schema::scan_literal(text, " ")) {
    return false;
  }
  const auto number = schema::scan_number<T>(text);
  if (number) {
    field = *number;
  }
  return number.has_value();
}

bool skip_fields(std::string_view& text, int count) {
  for (int i = 0; i < count; ++i) {
    std::string_view probe = text;
    if (!schema::scan_literal(probe, " ")) {
      return false;
    }
    if (probe.starts_with('-')) {
      probe.remove_prefix(1);
    }
    if (!schema::scan_number<std::uint64_t>(probe)) {
      return false;
    }
    text = probe;
  }
  return true;
}

// Workers of the kernel change their name with every piece of work: "kworker/0:1-events" is the
// worker "kworker/0:1". The part that changes is left out, or every snapshot would differ.
std::string_view stable_kernel_name(std::string_view name) {
  std::string_view rest = name;
  if (!schema::scan_literal(rest, "kworker/")) {
    return name;
  }
  if (rest.starts_with('u')) {  // bound to no processor
    rest.remove_prefix(1);
  }
  if (!schema::scan_number<std::uint32_t>(rest)) {
    return name;
  }
  const auto end = rest.find_first_of("+-");
  return end == std::string_view::npos ? name : name.substr(0, name.size() - rest.size() + end);
}

}  // namespace

bool StatLine::kernel_thread() const {
  return (flags & kFlagKernelThread) != 0;
}

bool StatLine::exiting() const {
  return dead() || (flags & kFlagExiting) != 0;
}

std::optional<StatLine> parse_stat(std::string_view text) {
  StatLine line;
  const auto pid = schema::scan_number<std::int32_t>(text);
  const auto close = text.rfind(')');
  if (!pid || *pid <= 0 || !text.starts_with(" (") || close == std::string_view::npos ||
      close < 2) {
    return std::nullopt;
  }
  line.pid = *pid;
  std::string_view name = text.substr(2, close - 2);
  text.remove_prefix(close + 1);
  if (text.size() < 2 || text[0] != ' ' || text[1] == ' ') {
    return std::nullopt;
  }
  line.state = text[1];
  text.remove_prefix(2);

  std::int32_t tty = 0;
  std::uint64_t ticks = 0;
  constexpr int kFaultsToNice = 10;
  constexpr std::uint64_t kMostTicks =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / kNanosecondsPerTick);
  if (!scan_field(text, line.parent) || !scan_field(text, line.process_group) ||
      !scan_field(text, line.session) || !scan_field(text, tty) ||
      !skip_fields(text, 1) ||  // tpgid
      !scan_field(text, line.flags) || !skip_fields(text, kFaultsToNice) ||
      !scan_field(text, line.threads) || !skip_fields(text, 1) ||  // itrealvalue
      !scan_field(text, ticks) || ticks > kMostTicks) {
    return std::nullopt;
  }
  constexpr int kSizeToEndOfCode = 5;
  if (skip_fields(text, kSizeToEndOfCode)) {
    static_cast<void>(scan_field(text, line.stack));  // a line without it says nothing of it
  }
  line.tty = static_cast<std::uint32_t>(tty);
  line.start = {static_cast<std::int64_t>(ticks) * kNanosecondsPerTick};
  line.name = line.kernel_thread() ? stable_kernel_name(name) : name;
  return line;
}

}  // namespace sockwitness::recorder
