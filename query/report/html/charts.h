// What happened when, drawn: the coverage strip, and changes per day.
//
// In:    the report's value.
// Out:   inline SVG; each mark says in a title what it stands for.
// Never: text inside a chart that is scaled: labels stand beside it.
#pragma once

#include "query/report/compliance/compliance.h"
#include "query/report/html/time_axis.h"

namespace sockwitness::query::html {

// What all rows of the Gantt chart have behind them: gaps hatched, reboots and baselines as lines.
// Referred to as #ground.
[[nodiscard]] Markup draw_ground(const ComplianceInput& input, const TimeAxis& axis);
// Dates below a chart.
[[nodiscard]] Markup draw_dates(const TimeAxis& axis);
[[nodiscard]] Markup draw_coverage(const ComplianceInput& input, const TimeAxis& axis);
[[nodiscard]] Markup draw_changes(const ComplianceInput& input, const TimeAxis& axis);

}  // namespace sockwitness::query::html
