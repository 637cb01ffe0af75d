// The compliance report before it has a form: all results about a period.
//
// In:    the register, the coverage, approvals, findings and events of the period; the author.
// Out:   a document for machines, Markdown, and (in html/) a page; all of one value.
// Never: a statement about time without snapshots, or about a signature that is not there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/approval.h"
#include "query/analysis/findings/finding.h"
#include "query/analysis/findings/rule_failure.h"
#include "query/analysis/history/coverage_in_time.h"
#include "query/analysis/history/register.h"
#include "query/report/neutral/document.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"
#include "query/verify/verdict.h"
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
  std::string config_hash;   // of all that decides what the report says besides the database
  std::string sqlite;        // version
};

// The first snapshot after a period that goes on after its last one.
struct NextSnapshot {
  schema::Seq seq;
  bool differs = false;  // it shows other services than the last one of the period
};

struct ReportTotals {
  std::uint32_t snapshots = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t synchronized = 0;
  std::uint32_t unsynchronized = 0;
};

struct ReportFindings {
  std::span<const Finding> rows;  // gravest first
  std::uint32_t judged = 0;       // snapshots that the rules were run on
  bool all_states = true;         // every state of what listens was among them
  std::string rules_version;
  std::span<const RuleFailure> failures;
};

// What an entry of the policy is true of, whenever it held.
struct PolicyUse {
  const PolicyEntry* entry = nullptr;
  std::vector<std::size_t> entries;  // of the register, by position
};

struct ComplianceInput {
  const Moments& moments;
  schema::SeqRange snapshots;
  std::string asked_since;  // as it was asked
  std::string asked_until;
  std::optional<NextSnapshot> next;
  bool ends_later = false;  // the period goes on after its last snapshot
  const TimeCoverage& coverage;
  ReportTotals totals;
  const Register& services;
  std::span<const Approval> entry_approvals;  // at the end of the period; parallel to the entries
  std::span<const Approval> approvals_then;   // parallel to the changes
  std::span<const Approval> approvals_now;
  std::span<const CoverageGap> partial;  // what snapshots of the period could not see
  ReportFindings findings;
  std::span<const ChronicleEvent> events;  // of the period
  std::span<const schema::MissedRun> missed;
  std::span<const schema::SeqRange> unsynchronized;  // snapshots whose clock was not synchronised
  std::span<const schema::BaselineInfo> baselines;   // that are in use
  std::optional<schema::BaselineInfo> baseline;      // with approvals
  std::string policy;                                // paths, with their times; empty for none
  std::span<const PolicyUse> policy_uses;            // one for each entry
  const PortNames& names;
  std::span<const schema::IpAddress> addresses;  // of the host, as far as its sockets show them
  std::optional<std::int64_t> expect_every_us;   // as the report was asked to expect
  const Verdict* verdict = nullptr;              // on the database; nothing: it was not verified
  ReportRun run;

  [[nodiscard]] schema::WallTime wall(schema::Seq seq) const { return moments.wall(seq); }
  [[nodiscard]] const schema::Context& context() const;
};

// The figures on top.
struct ReportFigures {
  std::size_t listening_at_begin = 0;
  std::size_t listening_at_end = 0;
  std::size_t begun = 0;   // services that were not there at the begin
  std::size_t ended = 0;   // that were not there at the end
  std::size_t opened = 0;  // addresses, as the listed changes are
  std::size_t closed = 0;
  std::size_t changed = 0;
  std::size_t unapproved = 0;          // of those that listen at the end
  std::size_t unapproved_changes = 0;  // at the time of the change
  std::size_t findings = 0;            // medium and above that are not accepted
};
[[nodiscard]] ReportFigures figures_of(const ComplianceInput& input);

// "99.7 %", rounded down; "not measurable: the period has no length"; "at most 99.7 %" where the
// length of an interval cannot be known.
[[nodiscard]] std::string coverage_text(const TimeCoverage& coverage);
// "No change was seen in the 99.7 % of the period that was observed.": for a period without
// changes. Of a period without snapshots, or without observed time, it says that instead.
[[nodiscard]] std::string no_change_text(const ComplianceInput& input);
// "After its last snapshot, #5 at …, the period goes on to …; the next one, #6 at …, shows the same
// services."; empty when there is nothing to say.
[[nodiscard]] std::string tail_text(const ComplianceInput& input);
// "13 h"; "not known: the clock was set back over the reboot"
[[nodiscard]] std::string length_text(const Unobserved& interval);
// "the recorder failed", "recording had not begun": why nothing was recorded.
[[nodiscard]] std::string cause_text(const Unobserved& interval);
[[nodiscard]] std::string cause_word(const Unobserved& interval);

[[nodiscard]] Document build_compliance(const ComplianceInput& input);
[[nodiscard]] std::string write_compliance_markdown(const ComplianceInput& input);

}  // namespace sockwitness::query
