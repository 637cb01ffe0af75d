#include "query/report/html/time_axis.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sockwitness::query::html {

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

std::string number_text(double value) {
  const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
  return tenths % 10 == 0 ? fmt::format("{}", tenths / 10)
                          : fmt::format("{}.{}", tenths / 10, std::abs(tenths % 10));
}

std::string time_text(schema::WallTime time) {
  std::string text = schema::format_utc(time);
  std::replace(text.begin(), text.end(), 'T', ' ');
  text.pop_back();  // the Z: the page says once that all times are UTC
  return text;
}

std::string day_text(schema::WallTime time) {
  const std::string text = schema::format_utc(time);
  return text.substr(0, text.find('T'));
}

}  // namespace sockwitness::query::html
