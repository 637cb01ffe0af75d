#include "schema/program/zone_rule.h"

#include <chrono>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;

bool take(std::string_view& text, char letter) {
  if (!text.starts_with(letter)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

bool is_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

// "CET" or "<+0330>"; its text is not used.
bool take_name(std::string_view& text) {
  if (take(text, '<')) {
    const auto end = text.find('>');
    if (end == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(end + 1);
    return true;
  }
  std::size_t length = 0;
  while (length < text.size() && is_letter(text[length])) {
    ++length;
  }
  text.remove_prefix(length);
  return length >= 3;
}

std::optional<std::int64_t> take_number(std::string_view& text,
                                        std::int64_t least,
                                        std::int64_t most) {
  const auto number = scan_number<std::int64_t>(text);
  return number && *number >= least && *number <= most ? number : std::nullopt;
}

// "-1", "3:30", "2:00:00", in seconds.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const bool negative = take(text, '-');
  if (!negative) {
    take(text, '+');
  }
  const auto hours = take_number(text, 0, 167);
  if (!hours) {
    return std::nullopt;
  }
  std::int64_t seconds = *hours * 3600;
  for (std::int64_t unit = 60; unit > 0 && take(text, ':'); unit /= 60) {
    const auto part = take_number(text, 0, 59);
    if (!part) {
      return std::nullopt;
    }
    seconds += *part * unit;
  }
  return negative ? -seconds : seconds;
}

std::optional<ZoneRule::Day> take_day(std::string_view& text) {
  using Kind = ZoneRule::Day::Kind;
  ZoneRule::Day day;
  std::optional<std::int64_t> number;
  if (take(text, 'M')) {
    const auto month = take_number(text, 1, 12);
    number = month && take(text, '.') ? take_number(text, 1, 5) : std::nullopt;
    const auto weekday = number && take(text, '.') ? take_number(text, 0, 6) : std::nullopt;
    if (!weekday) {
      return std::nullopt;
    }
    day.month = *month;
    day.weekday = *weekday;
  } else {
    const bool julian = take(text, 'J');
    day.kind = julian ? Kind::Julian : Kind::Count;
    number = take_number(text, julian ? 1 : 0, 365);
  }
  if (!number) {
    return std::nullopt;
  }
  day.number = *number;
  if (take(text, '/')) {
    const auto seconds = take_time(text);
    if (!seconds) {
      return std::nullopt;
    }
    day.seconds = *seconds;
  }
  return day;
}

std::int64_t days_since_epoch(std::chrono::year_month_day day) {
  return std::chrono::sys_days(day).time_since_epoch().count();
}

std::int64_t day_number(const ZoneRule::Day& day, std::int64_t year_number) {
  using namespace std::chrono;
  const year in(static_cast<int>(year_number));
  const std::int64_t first = days_since_epoch(in / January / 1);
  switch (day.kind) {
    case ZoneRule::Day::Kind::Julian:  // the 29th of February is never counted
      return first + day.number - 1 + (in.is_leap() && day.number >= 60 ? 1 : 0);
    case ZoneRule::Day::Kind::Count:
      return first + day.number;
    case ZoneRule::Day::Kind::Week:
      break;
  }
  const year_month month = in / std::chrono::month(static_cast<unsigned>(day.month));
  const weekday wanted(static_cast<unsigned>(day.weekday));
  constexpr std::int64_t kLast = 5;
  if (day.number == kLast) {
    return sys_days(month / wanted[last]).time_since_epoch().count();
  }
  return sys_days(month / wanted[static_cast<unsigned>(day.number)]).time_since_epoch().count();
}

std::int64_t local_seconds(const ZoneRule::Day& day, std::int64_t year) {
  return day_number(day, year) * kSecondsOfDay + day.seconds;
}

}  // namespace

std::int64_t year_of(std::int64_t seconds) {
  using namespace std::chrono;
  const auto day = floor<days>(sys_seconds(std::chrono::seconds(seconds)));
  return static_cast<int>(year_month_day(day).year());
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRule rule;
  const auto west = take_name(text) ? take_time(text) : std::nullopt;
  if (!west) {
    return std::nullopt;
  }
  rule.standard = -*west;
  if (text.empty()) {
    return rule;
  }
  constexpr std::int64_t kHour = 3600;
  if (!take_name(text)) {
    return std::nullopt;
  }
  rule.summer = rule.standard + kHour;
  if (!text.starts_with(',')) {
    const auto summer_west = take_time(text);
    if (!summer_west) {
      return std::nullopt;
    }
    rule.summer = -*summer_west;
  }
  const auto begin = take(text, ',') ? take_day(text) : std::nullopt;
  const auto end = begin && take(text, ',') ? take_day(text) : std::nullopt;
  if (!end || !text.empty()) {
    return std::nullopt;
  }
  rule.begin = *begin;
  rule.end = *end;
  return rule;
}

std::int64_t ZoneRule::begin_in(std::int64_t year) const {
  return local_seconds(begin, year) - standard;
}

std::int64_t ZoneRule::end_in(std::int64_t year) const {
  return local_seconds(end, year) - summer.value_or(standard);
}

std::int64_t ZoneRule::offset_at(std::int64_t seconds) const {
  if (!summer) {
    return standard;
  }
  // The last of the changes before decides; a change may lie outside of its year by the clock here.
  const std::int64_t year = year_of(seconds);
  std::int64_t latest = 0;
  bool known = false;
  std::int64_t offset = standard;
  for (std::int64_t in = year - 1; in <= year + 1; ++in) {
    for (const bool starts : {true, false}) {
      const std::int64_t at = starts ? begin_in(in) : end_in(in);
      if (at <= seconds && (!known || at >= latest)) {
        known = true;
        latest = at;
        offset = starts ? *summer : standard;
      }
    }
  }
  return offset;
}

}  // namespace sockwitness::schema
