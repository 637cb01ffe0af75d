// The report for spreadsheets: everything in one table, or one table of it.
//
// In:    what the report is made of; the name of a table; whether statements stand above it.
// Out:   records of RFC 4180. A table has the same columns also when it has no rows.
// Never: a cell that a spreadsheet would run.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sockwitness::query {

struct ComplianceInput;

// `key`: the member of the JSON report that has its rows.
struct CsvTable {
  std::string_view name;
  std::string_view key;
  std::string_view columns;  // as in the JSON report, separated by blanks
};

inline constexpr std::string_view kChangeColumns =
    "id kind severity changed_after changed_by first_seen first_seen_seq last_seen_absent "
    "last_seen closed_at protocol local_address local_port scope netns v6only owner.name "
    "owner.pid owner.started_at owner.program owner.script owner.sha256 owner.package "
    "owner.user owner.unit owner.container no_holder_reason owner_before.program "
    "owner_before.script owner_before.user why approved_then approved_now approved_since "
    "justification approver ticket expires insecure confidence service evidence";

inline constexpr std::array<CsvTable, 8> kCsvTables{
    {{"changes", "changes", kChangeColumns},
     {"register",
      "services",
      "id protocol port rpc_programs netns addresses.local_address scope owner.name owner.pid "
      "owner.program owner.script owner.sha256 owner.package owner.package_state owner.user "
      "owner.unit owner.container owner_unseen at_begin at_end snapshots restarts insecure "
      "approved_now justification approver ticket approved_since expires spans.not_before "
      "spans.first_seen spans.last_seen spans.not_after"},
     {"findings",
      "findings",
      "rule severity title why first_seen last_seen attack process.pid process.name "
      "process.program process.script process.command_line process.user process.unit "
      "process.container socket.protocol socket.local_address socket.local_port "
      "socket.remote_address socket.remote_port socket.netns accepted.reason "
      "accepted.approved_by accepted.expires"},
     {"coverage", "unobserved", "from to seconds cause missing_runs changes"},
     {"policy",
      "policy",
      "line name reason responsible approver ticket approved_since approved_since_source "
      "replaced expires covered"},
     {"events",
      "events",
      "kind before_seq time seconds at missed_kind count reason cause "
      "missing_runs"},
     {"statements", "statements", "id title text"},
     {"summary", "summary", "name value"}}};

enum class CsvStatements { Leave, Comments };

// All in one: the first column says what a row is. Changes come first, statements last.
[[nodiscard]] std::string write_compliance_csv(const ComplianceInput& input);

// Statements as comments: lines "# TITLE: TEXT" above the titles of the columns.
[[nodiscard]] std::string write_compliance_csv(const ComplianceInput& input,
                                               const CsvTable& table,
                                               CsvStatements statements);

}  // namespace sockwitness::query
