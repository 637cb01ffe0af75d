// The findings of the rules on one snapshot of a history.
//
// In:    an opened history, rules, acceptances, the names of ports, what a baseline expects.
// Out:   findings, which keep their snapshot; the rules that failed or were incomplete.
// Never: keeps a snapshot in which nothing was found.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/acceptance.h"
#include "query/analysis/findings/blindness.h"
#include "query/analysis/findings/finding.h"
#include "query/read/history.h"
#include "query/report/words/port_names.h"
#include "query/rules/engine.h"
#include "query/rules/rule_book.h"
#include "schema/model/service.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

struct Judgement {
  std::shared_ptr<const JudgedSnapshot> judged;
  std::vector<Finding> findings;  // gravest first
  std::vector<RuleFailure> failures;
  std::vector<Blindness> blindness;
  std::size_t rules = 0;  // that ran
};

class Judge {
 public:
  // All of it outlives the judge; findings outlive neither.
  Judge(History& history,
        const RuleBook& book,
        std::span<const FindingAcceptance> acceptances,
        const PortNames& names,
        std::optional<schema::ServiceSet> baseline = std::nullopt);

  [[nodiscard]] Judgement judge(schema::Seq seq);

 private:
  History& history_;
  const RuleBook& book_;
  std::span<const FindingAcceptance> acceptances_;
  Engine engine_;
  std::vector<PortName> port_names_;
  std::vector<schema::Program> known_programs_;
  std::optional<schema::WallTime> history_began_;
  std::optional<schema::ServiceSet> baseline_;
};

}  // namespace sockwitness::query
