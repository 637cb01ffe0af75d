// The rule of a time zone for years that no table lists: "CET-1CEST,M3.5.0,M10.5.0/3".
//
// In:    the text of the TZ variable as POSIX and RFC 8536 have it.
// Out:   the two offsets, and when each begins in a year.
// Never: takes a rule that it understands in part.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::schema {

struct ZoneRule {
  // One day of every year, and the local time on it.
  struct Day {
    enum class Kind { Julian, Count, Week };  // "J60", "59", "M10.5.0"

    Kind kind = Kind::Week;
    std::int64_t month = 1;
    std::int64_t number = 0;  // of the day in the year, or of the week in the month
    std::int64_t weekday = 0;
    std::int64_t seconds = 7200;
  };

  std::int64_t standard = 0;  // seconds east of UTC
  std::optional<std::int64_t> summer;
  Day begin;  // of summer, by standard time
  Day end;    // by summer time

  [[nodiscard]] static std::optional<ZoneRule> parse(std::string_view text);

  // When summer begins and ends in this year, as seconds since 1970 UTC. Only with a summer.
  [[nodiscard]] std::int64_t begin_in(std::int64_t year) const;
  [[nodiscard]] std::int64_t end_in(std::int64_t year) const;
  [[nodiscard]] std::int64_t offset_at(std::int64_t seconds) const;
};

// The year of the Gregorian calendar in which these seconds since 1970 lie.
[[nodiscard]] std::int64_t year_of(std::int64_t seconds);

}  // namespace sockwitness::schema
