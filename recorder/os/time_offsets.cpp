#include "recorder/os/time_offsets.h"

#include <fcntl.h>

#include <algorithm>
#include <string>

#include "recorder/os/dir.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::scan_literal;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// Seconds, and nanoseconds that are never negative.
std::optional<std::int64_t> scan_offset(std::string_view& text) {
  constexpr std::int64_t kMostSeconds = 9'000'000'000;
  constexpr std::int64_t kSecond = 1'000'000'000;
  skip_blanks(text);
  const auto seconds = schema::scan_number<std::int64_t>(text);
  skip_blanks(text);
  const auto rest = schema::scan_number<std::int64_t>(text);
  if (!seconds || !rest || *seconds > kMostSeconds || *seconds < -kMostSeconds || *rest < 0 ||
      *rest >= kSecond) {
    return std::nullopt;
  }
  return *seconds * kSecond + *rest;
}

}  // namespace

std::optional<TimeOffsets> parse_time_offsets(std::string_view text) {
  TimeOffsets offsets;
  while (!text.empty()) {
    std::string_view line = schema::scan_until(text, '\n');
    const bool monotonic = scan_literal(line, "monotonic");
    if (!monotonic && !scan_literal(line, "boottime")) {
      return std::nullopt;
    }
    const auto offset = scan_offset(line);
    if (!offset || !line.empty()) {
      return std::nullopt;
    }
    (monotonic ? offsets.monotonic_ns : offsets.boottime_ns) = *offset;
  }
  return offsets;
}

const TimeOffsets& own_time_offsets() {
  static const TimeOffsets kOwn = [] {
    constexpr std::size_t kLongest = 4096;
    std::string text;
    const auto size = read_file_at(AT_FDCWD, "/proc/self/timens_offsets", text, kLongest);
    return size ? parse_time_offsets(text).value_or(TimeOffsets()) : TimeOffsets();
  }();
  return kOwn;
}

}  // namespace sockwitness::recorder
