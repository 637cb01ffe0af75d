// The tables of the page.
//
// In:    the report's value.
// Out:   markup, one function per section.
// Never: leaves out a row: a section without rows says so, and for how much of the period.
#pragma once

#include "query/report/compliance/compliance.h"
#include "query/report/html/markup.h"

namespace sockwitness::query::html {

[[nodiscard]] Markup services_table(const ComplianceInput& input);
[[nodiscard]] Markup changes_table(const ComplianceInput& input);
// The files that rows of the two tables above refer to.
[[nodiscard]] Markup programs_table(const ComplianceInput& input);
// Likewise the approvals of more than one row.
[[nodiscard]] Markup approvals_table(const ComplianceInput& input);
[[nodiscard]] Markup findings_table(const ComplianceInput& input);
[[nodiscard]] Markup gaps_table(const ComplianceInput& input);
[[nodiscard]] Markup events_table(const ComplianceInput& input);
[[nodiscard]] Markup controls_table();
[[nodiscard]] Markup statements_list(const ComplianceInput& input);
[[nodiscard]] Markup definitions_list();

}  // namespace sockwitness::query::html
