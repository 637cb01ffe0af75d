// Everything that an alert is made of, read and judged.
//
// In:    an opened history, from where on; rules, policy, baseline.
// Out:   values that analysis and forms are handed.
// Never: a file of its own, or a form.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/alert/base.h"
#include "query/analysis/account.h"
#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/register.h"
#include "query/app/judge.h"
#include "query/app/rule_sources.h"
#include "query/read/history.h"
#include "query/read/on_progress.h"
#include "query/report/alert/alert_metrics.h"

namespace sockwitness::query {

struct AlertQuestion {
  History& history;
  const Moments& moments;
  const AlertBase& base;
  const Policy& policy;
  const std::optional<schema::Baseline>& baseline;  // for the account
  schema::WallTime now;
  std::optional<std::int64_t> expect_every_us;
  const OnProgress& on_progress;
};

struct AlertMaterial {
  Register services;
  std::vector<CoverageGap> gaps;
  std::vector<ChronicleEvent> events;
  std::vector<schema::MissedRun> missed;
  std::vector<Finding> findings;
  std::map<std::string, schema::Seq> seen;
  std::vector<RuleFailure> failures;
  schema::ServiceSet present;
  AccountBook book;
  std::string note;  // what was left out
};

[[nodiscard]] AlertMaterial read_alert_material(const AlertQuestion& question, Judge& judge);

// Of the latest snapshot.
[[nodiscard]] AlertMetrics measure_latest(const AlertQuestion& question, Judge& judge);

}  // namespace sockwitness::query
