// The tables of the report, made once for all its forms.
//
// In:    the report's value; how times are written in it.
// Out:   tables in the order of the document.
// Never: leaves out a row: a table without rows says so, and for how much of the period.
#pragma once

#include "query/report/compliance/compliance.h"
#include "query/report/compliance/report_table.h"

namespace sockwitness::query {

struct ReportTables {
  ReportTable summary;
  ReportTable statements;
  ReportTable not_compared;  // for machines
  ReportTable unobserved;
  ReportTable partial;
  ReportTable findings;
  ReportTable events;
  ReportTable controls;
  ReportTable definitions;
};

[[nodiscard]] ReportTables build_tables(const ComplianceInput& input, const ClockFace& clock);

// The register itself. The page draws it on its own: two lines a cell, and names for what repeats.
[[nodiscard]] ReportTable register_changes(const ComplianceInput& input, const ClockFace& clock);
[[nodiscard]] ReportTable register_services(const ComplianceInput& input, const ClockFace& clock);
// Every entry of the policy, and the services of the register that it is true of.
[[nodiscard]] ReportTable policy_entries(const ComplianceInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
