#include "query/app/judge.h"

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
             ClockFace clock,
             std::optional<schema::ServiceSet> baseline)
    : history_(history),
      book_(book),
      acceptances_(acceptances),
      names_(names),
      clock_(std::move(clock)),
      port_names_(list_names(names)),
      known_programs_(history.latest_programs(kMostKnownPrograms)),
      baseline_(std::move(baseline)) {
  if (const auto first = history.first()) {
    history_began_ = history.info(*first)->begin.wall;
  }
}

Judgement Judge::judge(schema::Seq seq) {
  Judgement judgement;
  judgement.snapshot = history_.load(seq);
  const auto lifetimes = history_.socket_lifetimes();
  const HostView host(judgement.snapshot, lifetimes);
  Stage stage(
      {host, port_names_, known_programs_, history_began_, baseline_ ? &*baseline_ : nullptr});
  RuleRun run = engine_.run(stage, book_.rules());
  judgement.failures = std::move(run.failures);
  judgement.blindness = find_blindness(run.reads, judgement.snapshot.gaps);
  judgement.rules = run.reads.size();
  const auto findings =
      group_matches(host, std::move(run.matches), acceptances_, judgement.snapshot.begin.wall);
  for (const Finding& finding : findings) {
    const auto& socket = finding.lead().match.socket;
    judgement.findings.push_back({situation_key(host, finding),
                                  record_finding(host, finding, names_, clock_),
                                  socket ? host.seen(*socket) : std::nullopt});
  }
  return judgement;
}

}  // namespace sockwitness::query
