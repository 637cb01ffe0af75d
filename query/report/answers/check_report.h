// The answer of `check`: findings, on which snapshots, and what could not be judged.
//
// In:    findings, the rules that failed, the rules whose tables were incomplete.
// Out:   a document for machines, a page for people.
// Never: "clean" without naming what that rests on; a failed rule left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/findings/blindness.h"
#include "query/analysis/findings/finding.h"
#include "query/analysis/findings/rule_failure.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"
#include "schema/base/error.h"
#include "schema/model/ids.h"

namespace sockwitness::schema {
struct Snapshot;
}

namespace sockwitness::query {

struct CheckInput {
  const schema::Snapshot& snapshot;  // the latest one that was judged
  std::optional<schema::Seq> from;   // the first one, when several were judged
  std::uint32_t snapshots = 1;
  std::string_view rules_version;
  std::size_t rules = 0;              // that ran
  std::span<const Finding> findings;  // gravest first; without those below the threshold
  std::size_t hidden = 0;             // how many were left out
  std::span<const RuleFailure> failures;
  std::span<const schema::Error> problems;  // of rule files and of the policy
  std::span<const Blindness> blindness;     // on the latest snapshot
  std::string note;  // why the snapshot may not be good enough; empty for none
  const PortNames& names;
  bool all = false;       // accepted findings in full
  bool each_gap = false;  // --gaps
  bool explain = false;   // with every ground and its weight
};

[[nodiscard]] Document build_check(const CheckInput& input);
[[nodiscard]] Page lay_out_check(const CheckInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
