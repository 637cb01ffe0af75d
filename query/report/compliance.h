// The compliance report before it has a form: what was found out about a period.
//
// In:    the register, the coverage, approvals, findings and events of the period; who asked.
// Out:   a document for machines, Markdown, and (in html/) a page; all of one value.
// Never: a statement about time that nobody looked at, or about a signature that is not there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/approval.h"
#include "query/analysis/coverage_in_time.h"
#include "query/analysis/register.h"
#include "query/report/check_report.h"
#include "query/report/document.h"
#include "query/report/host_words.h"
#include "query/report/port_names.h"
#include "schema/model/baseline.h"

namespace sockwitness::query {

// Who made the report, with what.
struct ReportRun {
  schema::WallTime at;
  std::string user;
  std::string arguments;     // as they were understood: "report --since … --until …"
  std::string database;      // path
  std::string program_hash;  // SHA-256 of the program, 64 digits; empty when it cannot be read
  std::string policy_hash;   // of the policy file; empty without one
  std::string sqlite;        // version
};

struct ReportTotals {
  std::uint32_t snapshots = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t synchronized = 0;
  std::uint32_t unsynchronized = 0;
};

struct ReportFindings {
  std::span<const CheckRow> rows;  // gravest first
  std::uint32_t judged = 0;        // snapshots that the rules were run on
  bool all_states = true;          // every state of what listens was among them
  std::string rules_version;
  std::span<const RuleFailure> failures;
};

struct ComplianceInput {
  const Moments& moments;
  schema::SeqRange snapshots;
  std::optional<schema::WallTime> asked_since;  // nothing: the first or the last snapshot
  std::optional<schema::WallTime> asked_until;
  const TimeCoverage& coverage;
  ReportTotals totals;
  const Register& services;
  std::span<const Approval> entry_approvals;  // at the end of the period; parallel to the entries
  std::span<const Approval> approvals_then;   // parallel to the changes
  std::span<const Approval> approvals_now;
  std::span<const NotLooked> partial;  // what snapshots of the period could not see
  ReportFindings findings;
  std::span<const ChronicleEvent> events;  // of the period
  std::span<const schema::MissedRun> missed;
  std::span<const schema::BaselineInfo> baselines;  // that are in use
  std::optional<schema::BaselineInfo> baseline;     // that approvals were looked up in
  std::string policy;                               // path; empty for none
  std::size_t policy_entries = 0;
  const PortNames& names;
  ReportRun run;

  [[nodiscard]] schema::WallTime wall(schema::Seq seq) const { return moments.wall(seq); }
  [[nodiscard]] const schema::Context& context() const;
};

// The figures on top.
struct ReportFigures {
  std::size_t listening_at_begin = 0;
  std::size_t listening_at_end = 0;
  std::size_t opened = 0;
  std::size_t closed = 0;
  std::size_t changed = 0;
  std::size_t unapproved = 0;          // of those that listen at the end
  std::size_t unapproved_changes = 0;  // at the time of the change
  std::size_t findings = 0;            // medium and above that nobody accepted
};
[[nodiscard]] ReportFigures figures_of(const ComplianceInput& input);

// "99.7 %", rounded down; "not measurable: the period has no length".
[[nodiscard]] std::string coverage_text(const TimeCoverage& coverage);
// "No change was seen in the 99.7 % of the period that were observed.": for a period without
// changes. Of a period that nobody observed it says that instead.
[[nodiscard]] std::string no_change_text(const TimeCoverage& coverage);
// "the recorder failed", "recording had not begun": why nothing was recorded.
[[nodiscard]] std::string cause_text(const Unobserved& stretch);
[[nodiscard]] std::string cause_word(const Unobserved& stretch);

[[nodiscard]] Document build_compliance(const ComplianceInput& input);
[[nodiscard]] std::string write_compliance_csv(const ComplianceInput& input);
[[nodiscard]] std::string write_compliance_markdown(const ComplianceInput& input);

}  // namespace sockwitness::query
