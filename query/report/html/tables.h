// The tables of the page.
//
// In:    the report's value, or a table of it.
// Out:   markup.
// Never: leaves out a row: a section without rows says so, and for how much of the period.
#pragma once

#include "query/report/compliance/compliance.h"
#include "query/report/compliance/report_table.h"
#include "query/report/html/markup.h"

namespace sockwitness::query::html {

[[nodiscard]] Markup services_table(const ComplianceInput& input);
[[nodiscard]] Markup changes_table(const ComplianceInput& input);
// The files that rows of the two tables above refer to.
[[nodiscard]] Markup programs_table(const ComplianceInput& input);
// Likewise the approvals of more than one row.
[[nodiscard]] Markup approvals_table(const ComplianceInput& input);
// Any other; its `none` where it has no rows.
[[nodiscard]] Markup plain_table(const ReportTable& content);
// Of two columns: terms, and what is said of them.
[[nodiscard]] Markup plain_list(const ReportTable& content);

}  // namespace sockwitness::query::html
