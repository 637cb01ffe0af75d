#include "query/report/html/time_axis.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sockwitness::query::html {

std::string words_of(schema::WallTime time) {
  std::string text = schema::format_utc(time);
  std::replace(text.begin(), text.end(), 'T', ' ');
  text.pop_back();  // the Z
  return text;
}

double TimeAxis::at(schema::WallTime time) const {
  const std::int64_t all = to_.microseconds - from_.microseconds;
  if (all <= 0) {
    return 0;
  }
  const schema::WallTime within = std::clamp(time, from_, to_);
  return kWidth * static_cast<double>(within.microseconds - from_.microseconds) /
         static_cast<double>(all);
}

schema::WallTime TimeAxis::instant(double share) const {
  const auto all = static_cast<double>(to_.microseconds - from_.microseconds);
  return {from_.microseconds + static_cast<std::int64_t>(all * share)};
}

Markup number_text(double value) {
  const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
  return tenths % 10 == 0 ? markup("{}", tenths / 10)
                          : markup("{}.{}", tenths / 10, std::abs(tenths % 10));
}

Markup time_text(schema::WallTime time) {
  return own(words_of(time));
}

Markup minute_text(schema::WallTime time) {
  return own(words_of(time).substr(0, sizeof "2026-11-23 03:30" - 1));
}

Markup day_text(schema::WallTime time) {
  const std::string text = words_of(time);
  return own(text.substr(0, text.find(' ')));
}

}  // namespace sockwitness::query::html
