#include "query/report/compliance/compliance.h"
#include "query/report/compliance/compliance_csv.h"
#include "query/report/compliance/report_tables.h"

namespace sockwitness::query {
namespace {

// A row for each figure is one object here.
Value::Object summary_members(const ReportTable& summary) {
  Value::Object members;
  for (const ReportRow& figure : summary.rows) {
    members.push_back(figure.members.front());
  }
  return members;
}

}  // namespace

Document build_compliance(const ComplianceInput& input) {
  const ReportTables tables = build_tables(input, schema::format_utc);
  const ReportTable changes = register_changes(input, schema::format_utc);
  Document document;
  document.format = "sockwitness.report/1";
  document.head = {{"summary", summary_members(tables.summary)},
                   {"statements", members_of(tables.statements)}};
  document.rows_key = "changes";
  document.row_format = "sockwitness.report_change/1";
  document.columns = words(kChangeColumns);
  document.rows = members_of(changes);
  const ReportTable services = register_services(input, schema::format_utc);
  const ReportTable policy = policy_entries(input, schema::format_utc);
  for (const ReportTable* table : {&services,
                                   &policy,
                                   &tables.not_compared,
                                   &tables.unobserved,
                                   &tables.partial,
                                   &tables.findings,
                                   &tables.events,
                                   &tables.controls,
                                   &tables.definitions}) {
    document.tail.push_back({table->id, members_of(*table)});
  }
  return document;
}

}  // namespace sockwitness::query
