#include "schema/program/time_spec.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/program/suggest.h"

namespace sockwitness::schema {
namespace {

constexpr std::int64_t kDay = 86'400;

Error unreadable(std::string_view text) {
  static const std::vector<std::string> kWords{"now", "today", "yesterday"};
  const std::string near = nearest_word(text.substr(0, text.find(' ')), kWords);
  return {ExitCode::Usage,
          fmt::format("reading the time '{}': not a time", text),
          (near.empty() ? std::string() : fmt::format("did you mean '{}'?\n", near)) +
              std::string(time_grammar())};
}

// The last microsecond of what was typed, counted from its first one.
std::int64_t to_the_end(std::string_view typed, bool rfc3339, Edge edge) {
  constexpr std::int64_t kSecond = 1'000'000;
  if (rfc3339) {
    return typed.find('.') == std::string_view::npos ? kSecond - 1 : 0;
  }
  switch (std::count(typed.begin(), typed.end(), ':')) {
    case 1:
      return 60 * kSecond - 1;
    case 2:
      return kSecond - 1;
    default:
      return edge == Edge::DayEnd ? kDay * kSecond - 1 : 0;
  }
}

// Exactly two digits.
std::optional<std::int64_t> scan_two(std::string_view& text) {
  if (text.size() < 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
    return std::nullopt;
  }
  const std::int64_t value = (text[0] - '0') * 10 + (text[1] - '0');
  text.remove_prefix(2);
  return value;
}

// "14:00" or "14:00:30", the whole text, as seconds of the day.
std::optional<std::int64_t> parse_clock(std::string_view text) {
  const auto hour = scan_two(text);
  if (!hour || *hour > 23 || !scan_literal(text, ":")) {
    return std::nullopt;
  }
  const auto minute = scan_two(text);
  if (!minute || *minute > 59) {
    return std::nullopt;
  }
  std::int64_t seconds = *hour * 3600 + *minute * 60;
  if (scan_literal(text, ":")) {
    const auto second = scan_two(text);
    if (!second || *second > 59) {
      return std::nullopt;
    }
    seconds += *second;
  }
  return text.empty() ? std::optional(seconds) : std::nullopt;
}

// "2026-11-23" from the front, as days since 1970.
std::optional<std::int64_t> scan_date(std::string_view& text) {
  const auto century = scan_two(text);
  const auto year = century ? scan_two(text) : std::nullopt;
  if (!year || !scan_literal(text, "-")) {
    return std::nullopt;
  }
  const auto month = scan_two(text);
  if (!month || !scan_literal(text, "-")) {
    return std::nullopt;
  }
  const auto day = scan_two(text);
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{
      std::chrono::year{static_cast<int>(*century * 100 + *year)},
      std::chrono::month{static_cast<unsigned>(*month)},
      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

struct Unit {
  std::string_view word;
  std::int64_t seconds;
};

constexpr auto kUnits = std::to_array<Unit>({{"s", 1},
                                             {"sec", 1},
                                             {"second", 1},
                                             {"seconds", 1},
                                             {"m", 60},
                                             {"min", 60},
                                             {"minute", 60},
                                             {"minutes", 60},
                                             {"h", 3600},
                                             {"hour", 3600},
                                             {"hours", 3600},
                                             {"d", kDay},
                                             {"day", kDay},
                                             {"days", kDay},
                                             {"w", 7 * kDay},
                                             {"week", 7 * kDay},
                                             {"weeks", 7 * kDay}});

// "2h ago", "-2h" or "2h".
std::optional<WallTime> parse_relative(std::string_view text, WallTime now) {
  constexpr std::string_view ago = " ago";
  if (text.ends_with(ago)) {
    text.remove_suffix(ago.size());
  } else {
    static_cast<void>(scan_literal(text, "-"));
  }
  const auto distance = parse_duration(text);
  return distance ? std::optional(WallTime{now.microseconds - *distance}) : std::nullopt;
}

std::int64_t today_in(const Zone& zone, WallTime now) {
  const std::int64_t micros = now.microseconds + zone.offset_seconds(now) * 1'000'000;
  const std::chrono::sys_time<std::chrono::microseconds> local{std::chrono::microseconds{micros}};
  return std::chrono::floor<std::chrono::days>(local).time_since_epoch().count();
}

// Whole days of the local clock, by their number since 1970.
struct DayRange {
  std::int64_t first = 0;
  std::int64_t end = 0;  // the first one after it
};

DayRange month_range(std::chrono::year_month month) {
  const auto day_of = [](std::chrono::year_month each) -> std::int64_t {
    return std::chrono::sys_days{each / 1}.time_since_epoch().count();
  };
  return {day_of(month), day_of(month + std::chrono::months(1))};
}

// "2026-11", "this month", "last month", "this week", "last week"; weeks begin on Monday.
std::optional<DayRange> parse_days(std::string_view text, WallTime now, const Zone& zone) {
  const std::chrono::sys_days today{std::chrono::days(today_in(zone, now))};
  const std::chrono::year_month_day date{today};
  const std::chrono::year_month month = date.year() / date.month();
  const std::int64_t monday =
      (today - (std::chrono::weekday(today) - std::chrono::Monday)).time_since_epoch().count();
  if (text == "this month") {
    return month_range(month);
  }
  if (text == "last month") {
    return month_range(month - std::chrono::months(1));
  }
  if (text == "this week") {
    return DayRange{monday, monday + 7};
  }
  if (text == "last week") {
    return DayRange{monday - 7, monday};
  }
  constexpr std::size_t kYearAndMonth = 7;
  std::string first_day = std::string(text) + "-01";
  std::string_view rest = first_day;
  const auto day = text.size() == kYearAndMonth ? scan_date(rest) : std::nullopt;
  if (!day || !rest.empty()) {
    return std::nullopt;
  }
  const std::chrono::year_month_day named{std::chrono::sys_days{std::chrono::days(*day)}};
  return month_range(named.year() / named.month());
}

// A civil time without offset, as seconds since 1970 on the local clock.
std::optional<std::int64_t> parse_civil(std::string_view text, WallTime now, const Zone& zone) {
  std::optional<std::int64_t> day;
  if (scan_literal(text, "today")) {
    day = today_in(zone, now);
  } else if (scan_literal(text, "yesterday")) {
    day = today_in(zone, now) - 1;
  } else {
    day = scan_date(text);
  }
  if (!day) {
    return std::nullopt;
  }
  if (text.empty()) {
    return *day * kDay;
  }
  if (!scan_literal(text, " ") && !scan_literal(text, "T")) {
    return std::nullopt;
  }
  const auto of_day = parse_clock(text);
  return of_day ? std::optional(*day * kDay + *of_day) : std::nullopt;
}

WallTime resolve(std::string_view text, std::int64_t local_seconds, const Zone& zone) {
  const LocalReading reading = zone.resolve(local_seconds);
  if (reading.instants.size() == 1) {
    return reading.instants.front();
  }
  throw Error(ExitCode::Usage,
              fmt::format("reading the time '{}': {} in {}",
                          text,
                          reading.exists ? "it happened twice" : "it never happened",
                          zone.name()),
              fmt::format("the clocks were changed then; say {} or {}",
                          format_utc(reading.instants[0]),
                          format_utc(reading.instants[1])));
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.starts_with('-')) {
    return std::nullopt;
  }
  const auto count = scan_number<std::int64_t>(text);
  if (!count) {
    return std::nullopt;
  }
  skip_blanks(text);
  for (const Unit& unit : kUnits) {
    if (text == unit.word) {
      const std::int64_t limit =
          std::numeric_limits<std::int64_t>::max() / 2 / 1'000'000 / unit.seconds;
      return *count <= limit ? std::optional(*count * unit.seconds * 1'000'000) : std::nullopt;
    }
  }
  return std::nullopt;
}

TimeSpec parse_time_spec(std::string_view text, WallTime now, const Zone& zone, Edge edge) {
  const auto reach = [&](WallTime begin, bool rfc3339) {
    const std::int64_t more = edge == Edge::Begin ? 0 : to_the_end(text, rfc3339, edge);
    return WallTime{begin.microseconds + more};
  };
  if (text == "now") {
    return now;
  }
  if (text.starts_with('#')) {
    const auto seq = parse_number<std::int64_t>(text.substr(1));
    if (!seq || *seq < 1) {
      throw unreadable(text);
    }
    return Seq(*seq);
  }
  if (const auto instant = parse_rfc3339(text)) {
    return reach(*instant, true);
  }
  if (const auto instant = parse_relative(text, now)) {
    return *instant;
  }
  if (const auto days = parse_days(text, now, zone)) {
    return edge == Edge::DayEnd ? WallTime{resolve(text, days->end * kDay, zone).microseconds - 1}
                                : resolve(text, days->first * kDay, zone);
  }
  if (const auto of_day = parse_clock(text)) {
    // The last time that the clock showed it.
    const std::int64_t today = today_in(zone, now);
    const WallTime at = resolve(text, today * kDay + *of_day, zone);
    return reach(now < at ? resolve(text, (today - 1) * kDay + *of_day, zone) : at, false);
  }
  if (const auto seconds = parse_civil(text, now, zone)) {
    return reach(resolve(text, *seconds, zone), false);
  }
  throw unreadable(text);
}

std::string_view time_grammar() {
  return "a time is one of:\n"
         "  2026-11-23T03:10:00Z      RFC 3339, with Z or an offset\n"
         "  '2026-11-23 03:10'        local time (TZ counts; UTC with --utc), with seconds or "
         "without\n"
         "  2026-11-23                its midnight\n"
         "  'today 14:00', yesterday  the clock time may be left out\n"
         "  02:40                     the last time that the clock showed it\n"
         "  2026-11, 'last month',    their first midnight; weeks begin on Monday\n"
         "  'this month', 'last week', 'this week'\n"
         "  '2h ago', 2h, -2h         s, m, h, d or w\n"
         "  '#42'                     a snapshot by its number\n"
         "  now\n"
         "  a time without fractions is the whole second, one without seconds the whole minute:\n"
         "  --since begins with it, everything else ends with it";
}

}  // namespace sockwitness::schema
