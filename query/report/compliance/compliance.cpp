#include "query/report/compliance/compliance.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/analysis/history/pick.h"
#include "query/report/records/chronicle_words.h"

namespace sockwitness::query {
namespace {

std::string moment_words(const ComplianceInput& input, schema::Seq seq) {
  return fmt::format("#{} at {}", seq.value(), schema::format_utc(input.wall(seq)));
}

}  // namespace

const schema::Context& ComplianceInput::context() const {
  return moments.context(moments[moments.at_or_after(snapshots.last)]);
}

ReportFigures figures_of(const ComplianceInput& input) {
  ReportFigures figures;
  const Register& services = input.services;
  for (std::size_t at = 0; at < services.entries.size(); ++at) {
    const RegisterEntry& entry = services.entries[at];
    figures.listening_at_begin += entry.at_begin ? 1 : 0;
    figures.listening_at_end += entry.at_end ? 1 : 0;
    figures.begun += entry.at_begin ? 0 : 1;
    figures.ended += entry.at_end ? 0 : 1;
    const bool open = input.entry_approvals[at].status >= AccountStatus::Expired;
    figures.unapproved += entry.at_end && open ? 1 : 0;
  }
  for (std::size_t at = 0; at < services.changes.size(); ++at) {
    switch (services.changes[at].change.kind) {
      case ChangeKind::NewListener:
      case ChangeKind::Reopened:
      case ChangeKind::Flapping:
        ++figures.opened;
        break;
      case ChangeKind::VanishedService:
        ++figures.closed;
        break;
      default:
        ++figures.changed;
    }
    const bool gone = services.changes[at].change.kind == ChangeKind::VanishedService;
    const bool open = input.approvals_then[at].status >= AccountStatus::Expired;
    figures.unapproved_changes += !gone && open ? 1 : 0;
  }
  for (const Finding& finding : input.findings.rows) {
    const bool weighs = finding.severity() >= Severity::Medium && !finding.accepted();
    figures.findings += weighs ? 1 : 0;
  }
  return figures;
}

std::string coverage_text(const TimeCoverage& coverage) {
  const auto share = coverage.per_mille_at_most();
  return share ? fmt::format(
                     "{}{}.{} %", coverage.unmeasured ? "at most " : "", *share / 10, *share % 10)
               : "not measurable: the period has no length";
}

std::string tail_text(const ComplianceInput& input) {
  const schema::Seq last = input.snapshots.last;
  if (!input.ends_later) {
    return {};
  }
  const std::string begin = fmt::format("After {} nothing was recorded up to the end of the period",
                                        moment_words(input, last));
  return input.next ? fmt::format("{}; the next snapshot, {}, shows {}.",
                                  begin,
                                  moment_words(input, input.next->seq),
                                  input.next->differs ? "other services" : "the same services")
                    : begin + ", nor later.";
}

std::string no_change_text(const ComplianceInput& input) {
  const TimeCoverage& coverage = input.coverage;
  const auto share = coverage.per_mille_at_most();
  const std::string tail = tail_text(input);
  const std::string more = tail.empty() ? tail : " " + tail;
  if (share && *share == 0) {
    return "Not observed: nothing of this period was looked at." + more;
  }
  if (coverage.snapshots == 0) {
    return "Nothing was recorded within this period." + more;
  }
  if (!share) {
    return "Not observed: the period is one instant, which shows no change.";
  }
  return fmt::format("No change was seen in the {} of the period that was observed.",
                     coverage_text(coverage)) +
         more;
}

std::string length_text(const Unobserved& interval) {
  return interval.length_us ? duration_words(*interval.length_us)
                            : "not known: the clock was set back over the reboot";
}

std::string cause_text(const Unobserved& interval) {
  switch (interval.kind) {
    case UnobservedKind::NotBegun:
      return "recording had not begun";
    case UnobservedKind::Pruned:
      return "pruned: what was recorded then is not there any more";
    case UnobservedKind::After:
      return "no snapshot since";
    case UnobservedKind::Gap:
      break;
  }
  return gap_cause_text(interval.cause).text();
}

std::string cause_word(const Unobserved& interval) {
  switch (interval.kind) {
    case UnobservedKind::NotBegun:
      return "not_begun";
    case UnobservedKind::Pruned:
      return "pruned";
    case UnobservedKind::After:
      return "no_snapshot_since";
    case UnobservedKind::Gap:
      break;
  }
  return std::string(gap_cause_word(interval.cause));
}

}  // namespace sockwitness::query
