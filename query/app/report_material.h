// Everything that a report of a period is made of, read and judged.
//
// In:    an opened history, the range of snapshots, policy, baseline and rules.
// Out:   values that the report's forms are handed.
// Never: a form, or a file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/approval.h"
#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/coverage_in_time.h"
#include "query/analysis/history/register.h"
#include "query/app/judge.h"
#include "query/app/rule_sources.h"
#include "query/app/time_range.h"
#include "query/read/history.h"
#include "query/read/on_progress.h"
#include "query/read/snapshot_totals.h"
#include "query/report/compliance/compliance.h"

namespace sockwitness::query {

struct ReportMaterial {
  Register services;
  TimeCoverage coverage;
  SnapshotTotals totals;
  std::vector<CoverageGap> partial;
  std::vector<ChronicleEvent> events;  // of the period
  std::vector<schema::MissedRun> missed;
  std::vector<schema::SeqRange> unsynchronized;
  std::optional<NextSnapshot> next;
  bool ends_later = false;
  std::vector<schema::BaselineInfo> baselines;
  std::optional<schema::Baseline> baseline;
  std::vector<PolicyUse> policy_uses;
  std::vector<Approval> entry_approvals;
  std::vector<Approval> approvals_then;
  std::vector<Approval> approvals_now;
  std::vector<Finding> findings;
  std::vector<RuleFailure> failures;
  std::uint32_t judged = 0;
  bool all_states = true;
  std::vector<schema::IpAddress> addresses;  // local ones of sockets, in what was judged
};

struct MaterialQuestion {
  History& history;
  const Moments& moments;
  const TimeRange& period;
  const Policy& policy;
  const std::string& baseline;  // name; empty for the newest
  schema::WallTime now;         // of the report
  std::optional<std::int64_t> expect_every_us;
  const OnProgress& on_progress;
};

[[nodiscard]] ReportMaterial read_material(const MaterialQuestion& question);

// Runs the rules on the first and the last snapshot and on those at which what listens had changed,
// as far as `most` allows; completes `material`.
void judge_states(Judge& judge,
                  const MaterialQuestion& question,
                  std::size_t most,
                  ReportMaterial& material);

}  // namespace sockwitness::query
