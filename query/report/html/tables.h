// The tables of the page.
//
// In:    the report's value.
// Out:   markup, one function per section.
// Never: leaves out a row: a section without rows says so, and for how much of the period.
#pragma once

#include <string>

#include "query/report/compliance.h"

namespace sockwitness::query::html {

[[nodiscard]] std::string services_table(const ComplianceInput& input);
[[nodiscard]] std::string changes_table(const ComplianceInput& input);
// The files that rows of the two tables above refer to.
[[nodiscard]] std::string programs_table(const ComplianceInput& input);
// Likewise the approvals of more than one row.
[[nodiscard]] std::string approvals_table(const ComplianceInput& input);
[[nodiscard]] std::string findings_table(const ComplianceInput& input);
[[nodiscard]] std::string gaps_table(const ComplianceInput& input);
[[nodiscard]] std::string events_table(const ComplianceInput& input);
[[nodiscard]] std::string controls_table();
[[nodiscard]] std::string statements_list(const ComplianceInput& input);
[[nodiscard]] std::string definitions_list();

}  // namespace sockwitness::query::html
