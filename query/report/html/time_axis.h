// From an instant of the period to a place on a chart that is a thousand units wide.
//
// In:    the begin and the end of the period; instants.
// Out:   places within the chart, with one decimal.
// Never: outside the chart: what lies before or after the period stands at its edge.
#pragma once

#include <string>

#include "query/report/html/markup.h"
#include "schema/base/time.h"

namespace sockwitness::query::html {

class TimeAxis {
 public:
  TimeAxis(schema::WallTime from, schema::WallTime to) : from_(from), to_(to) {}

  static constexpr double kWidth = 1000;

  [[nodiscard]] double at(schema::WallTime time) const;
  [[nodiscard]] schema::WallTime from() const { return from_; }
  [[nodiscard]] schema::WallTime to() const { return to_; }
  // `share` of the period, 0 to 1.
  [[nodiscard]] schema::WallTime instant(double share) const;

 private:
  schema::WallTime from_;
  schema::WallTime to_;
};

// "12.5", without an exponent, whatever the locale.
[[nodiscard]] Markup number_text(double value);
// "2026-11-23 03:30:00": the page says once that all times are UTC.
[[nodiscard]] std::string words_of(schema::WallTime time);
[[nodiscard]] Markup time_text(schema::WallTime time);
// "2026-11-23"
// "2026-11-23 03:30"
[[nodiscard]] Markup minute_text(schema::WallTime time);
[[nodiscard]] Markup day_text(schema::WallTime time);

}  // namespace sockwitness::query::html
