#include "query/report/compliance/compliance.h"
#include "query/report/compliance/report_tables.h"
#include "query/report/records/records.h"
#include "query/report/writers/csv_writer.h"

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

Document document_of(const ComplianceInput& input,
                     const ReportTables& tables,
                     const ReportTable& changes) {
  Document document;
  document.format = "sockwitness.report/1";
  document.head = {{"summary", summary_members(tables.summary)},
                   {"statements", members_of(tables.statements)}};
  document.rows_key = "changes";
  document.row_format = "sockwitness.report_change/1";
  document.columns = words(
      "id kind severity changed_after changed_by first_seen first_seen_seq last_seen_absent "
      "last_seen closed_at protocol local_address local_port scope netns v6only owner.name "
      "owner.pid owner.started_at owner.program owner.script owner.sha256 owner.package "
      "owner.user owner.unit owner.container no_holder_reason owner_before.program "
      "owner_before.script owner_before.user why approved_then approved_now approved_since "
      "justification "
      "approver ticket expires insecure confidence service evidence");
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

}  // namespace

Document build_compliance(const ComplianceInput& input) {
  return document_of(
      input, build_tables(input, schema::format_utc), register_changes(input, schema::format_utc));
}

// One table for a spreadsheet: rows that are statements, rows that are not observed, rows that are
// changes; the first column says which.
std::string write_compliance_csv(const ComplianceInput& input) {
  const ReportTables tables = build_tables(input, schema::format_utc);
  const ReportTable changes = register_changes(input, schema::format_utc);
  Document document = document_of(input, tables, changes);
  document.columns.insert(document.columns.begin(), {"record", "name", "value"});
  Value::List rows;
  for (const ReportRow& statement : tables.statements.rows) {
    rows.push_back(Value::Object{{"record", "statement"},
                                 {"name", statement.members.front().value},
                                 {"value", statement.members.back().value}});
  }
  for (const Member& figure : summary_members(tables.summary)) {
    rows.push_back(
        Value::Object{{"record", "summary"}, {"name", figure.key}, {"value", figure.value}});
  }
  for (const Unobserved& stretch : input.coverage.unobserved) {
    rows.push_back(Value::Object{{"record", "not observed"},
                                 {"name", cause_word(stretch)},
                                 {"changed_after", time_value(stretch.from)},
                                 {"changed_by", time_value(stretch.to)}});
  }
  for (const ReportRow& change : changes.rows) {
    Value::Object row = change.members;
    row.insert(row.begin(), Member{"record", "change"});
    rows.push_back(std::move(row));
  }
  document.rows = std::move(rows);
  return write_csv(document);
}

}  // namespace sockwitness::query
