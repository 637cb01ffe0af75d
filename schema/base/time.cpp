#include "schema/base/time.h"

#include <fmt/format.h>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

using std::chrono::sys_days;

struct Civil {
  std::chrono::year_month_day date;
  std::int64_t second_of_day = 0;
  std::int64_t microsecond = 0;
};

Civil to_civil(WallTime time) {
  const std::chrono::sys_time<std::chrono::microseconds> point{
      std::chrono::microseconds{time.microseconds}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::int64_t of_day = (point - day).count();
  return {std::chrono::year_month_day{day}, of_day / 1'000'000, of_day % 1'000'000};
}

std::string format_date_time(const Civil& civil) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                     static_cast<int>(civil.date.year()),
                     static_cast<unsigned>(civil.date.month()),
                     static_cast<unsigned>(civil.date.day()),
                     civil.second_of_day / 3600,
                     civil.second_of_day / 60 % 60,
                     civil.second_of_day % 60);
}

// Exactly `digits` digits from the front.
std::optional<int> scan_fixed(std::string_view& text, std::size_t digits) {
  if (text.size() < digits || text.front() == '-') {
    return std::nullopt;
  }
  const auto value = parse_number<int>(text.substr(0, digits));
  if (value) {
    text.remove_prefix(digits);
  }
  return value;
}

// ".123456789" from the front, as microseconds; zero when there is no point.
std::optional<std::int64_t> scan_fraction(std::string_view& text) {
  if (!scan_literal(text, ".")) {
    return 0;
  }
  std::int64_t micros = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits < 6) {
      micros = micros * 10 + (text[digits] - '0');
    }
    ++digits;
  }
  if (digits == 0 || digits > 9) {
    return std::nullopt;
  }
  for (std::size_t scale = digits; scale < 6; ++scale) {
    micros *= 10;
  }
  text.remove_prefix(digits);
  return micros;
}

// "Z", "+02:00" or "-08:00" from the front, as seconds east of UTC.
std::optional<std::int64_t> scan_offset(std::string_view& text) {
  if (scan_literal(text, "Z") || scan_literal(text, "z")) {
    return 0;
  }
  const bool east = text.starts_with('+');
  if (!east && !text.starts_with('-')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto hours = scan_fixed(text, 2);
  if (!hours || *hours > 23 || !scan_literal(text, ":")) {
    return std::nullopt;
  }
  const auto minutes = scan_fixed(text, 2);
  if (!minutes || *minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return east ? seconds : -seconds;
}

}  // namespace

std::string format_utc_micros(WallTime time) {
  const Civil civil = to_civil(time);
  return fmt::format("{}.{:06}Z", format_date_time(civil), civil.microsecond);
}

std::string format_utc(WallTime time) {
  return format_date_time(to_civil(time)) + "Z";
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto year = scan_fixed(text, 4);
  if (!year || !scan_literal(text, "-")) {
    return std::nullopt;
  }
  const auto month = scan_fixed(text, 2);
  if (!month || !scan_literal(text, "-")) {
    return std::nullopt;
  }
  const auto day = scan_fixed(text, 2);
  if (!day || !(scan_literal(text, "T") || scan_literal(text, "t") || scan_literal(text, " "))) {
    return std::nullopt;
  }
  const auto hour = scan_fixed(text, 2);
  if (!hour || *hour > 23 || !scan_literal(text, ":")) {
    return std::nullopt;
  }
  const auto minute = scan_fixed(text, 2);
  if (!minute || *minute > 59 || !scan_literal(text, ":")) {
    return std::nullopt;
  }
  const auto second = scan_fixed(text, 2);
  if (!second || *second > 59) {
    return std::nullopt;
  }
  const auto micros = scan_fraction(text);
  if (!micros) {
    return std::nullopt;
  }
  const auto offset = scan_offset(text);
  if (!offset || !text.empty()) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
  return WallTime{seconds * 1'000'000 + *micros};
}

std::string format_age(std::chrono::microseconds age) {
  const std::int64_t seconds = age.count() / 1'000'000;
  if (seconds <= 0) {
    return "now";
  }
  if (seconds < 60) {
    return fmt::format("{}s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{}m", seconds / 60);
  }
  if (seconds < 86'400) {
    return fmt::format("{}h", seconds / 3600);
  }
  if (seconds < 2 * 365 * 86'400LL) {
    return fmt::format("{}d", seconds / 86'400);
  }
  return fmt::format("{}y", seconds / (365 * 86'400LL));
}

}  // namespace sockwitness::schema
