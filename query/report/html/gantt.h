// Every service of the period as a bar per span, one row each.
//
// In:    the report's value.
// Out:   a table: the service, its approval, its bars as inline SVG.
// Never: a bar over time without snapshots that lacks the hatching above it.
#pragma once

#include "query/report/compliance/compliance.h"
#include "query/report/html/time_axis.h"

namespace sockwitness::query::html {

[[nodiscard]] Markup draw_gantt(const ComplianceInput& input, const TimeAxis& axis);
// "approved", "baseline", "expired", "unexplained": a class of the style sheet, and a word.
[[nodiscard]] Markup status_mark(AccountStatus status);

}  // namespace sockwitness::query::html
