#include "query/app/judge.h"

#include "query/analysis/container_labels.h"
#include "query/analysis/renames.h"
#include "query/analysis/situation.h"
#include "query/rules/stage.h"

namespace sockwitness::query {
namespace {

// Enough for the shells and interpreters of a host.
constexpr int kMostKnownPrograms = 4096;

std::vector<PortName> list_names(const PortNames& names) {
  std::vector<PortName> listed;
  for (const auto& [place, name] : names.all()) {
    listed.push_back({place.first, place.second, name});
  }
  return listed;
}

}  // namespace

Judge::Judge(History& history,
             const RuleBook& book,
             std::span<const FindingAcceptance> acceptances,
             const PortNames& names,
             std::optional<schema::ServiceSet> baseline)
    : history_(history),
      book_(book),
      acceptances_(acceptances),
      port_names_(list_names(names)),
      known_programs_(history.latest_programs(kMostKnownPrograms)),
      baseline_(std::move(baseline)) {
  if (const auto first = history.first()) {
    history_began_ = history.info(*first).begin.wall;
  }
}

Judgement Judge::judge(schema::Seq seq) {
  Judgement judgement;
  schema::Snapshot snapshot = history_.load(seq);
  judgement.judged =
      std::make_shared<const JudgedSnapshot>(std::move(snapshot), history_.socket_lifetimes());
  std::optional<schema::ServiceSet> expected = baseline_;
  if (expected) {
    const auto containers = labels_of_containers(judgement.judged->snapshot());
    expected = with_labels(*expected, find_named_containers(*expected, containers));
  }
  Stage stage({judgement.judged->host(),
               port_names_,
               known_programs_,
               history_began_,
               expected ? &*expected : nullptr});
  RuleRun run = engine_.run(stage, book_.rules());
  judgement.failures = std::move(run.failures);
  judgement.blindness = find_blindness(run.reads, judgement.judged->snapshot().gaps);
  judgement.rules = run.reads.size();
  judgement.findings = group_matches(judgement.judged, std::move(run.matches), acceptances_);
  return judgement;
}

}  // namespace sockwitness::query
