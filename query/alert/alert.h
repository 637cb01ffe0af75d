// What is new since the last alert, and what the next one has to know.
//
// In:    what was reported, and everything that was read and judged since.
// Out:   items, the gravest first; the state that holds once they are delivered.
// Never: reads a file or a clock.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/alert/alert_state.h"
#include "query/alert/base.h"
#include "query/alert/news.h"
#include "query/analysis/account.h"
#include "query/analysis/findings/rule_failure.h"
#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/register.h"
#include "schema/base/error.h"

namespace sockwitness::query {

struct AlertFacts {
  const std::string& archive;
  const Moments& moments;
  const Register& services;           // from AlertBase::from on, or before
  std::span<const CoverageGap> gaps;  // of the same snapshots
  std::span<const ChronicleEvent> events;
  std::span<const schema::MissedRun> missed;
  std::span<const Finding> findings;
  const std::map<std::string, schema::Seq>& seen;  // of findings, by key
  std::span<const RuleFailure> failures;
  std::span<const schema::Error> problems;
  const AccountBook* book = nullptr;  // null: there is no policy
  bool scheduled = false;
  Severity least = Severity::Medium;
  std::string damage;  // why the earlier reports are not known; empty: they are
};

struct Alert {
  std::vector<NewsItem> items;  // they refer to the facts
  std::size_t less_weight = 0;  // items that do not count
  AlertState next;
};

// `state` is null for none.
[[nodiscard]] Alert find_news(const AlertFacts& facts,
                              const AlertBase& base,
                              const AlertState* state);

}  // namespace sockwitness::query
