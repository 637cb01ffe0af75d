// `export --format sarif`: one run of SARIF 2.1.0, for tools that show results of analysers.
//
// In:    what changed between two snapshots, and what the rules say of both.
// Out:   one object; each result says by its baselineState whether it is new, updated, unchanged or
//        absent.
// Never: a result for what was not compared, or for the time when nothing was recorded: those are
//        notifications.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "query/analysis/diff.h"
#include "query/analysis/findings/finding.h"
#include "query/analysis/findings/rule.h"
#include "query/analysis/history/chronicle.h"
#include "query/report/neutral/value.h"
#include "query/report/words/port_names.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct SarifFinding {
  std::string_view state;  // "new", "unchanged", "absent"
  Finding finding;
};

struct SarifInput {
  const schema::SnapshotInfo& from;
  const schema::SnapshotInfo& to;
  const schema::ServiceSet& before;
  const schema::ServiceSet& after;
  const Diff& diff;
  std::span<const SarifFinding> findings;
  std::span<const ChronicleEvent> chronicle;  // between the two snapshots
  std::span<const schema::MissedRun> missed;
  std::span<const Rule> rules;
  std::string_view rules_version;
  const PortNames& names;
};

[[nodiscard]] Value::Object sarif_log(const SarifInput& input);

}  // namespace sockwitness::query
