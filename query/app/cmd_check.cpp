#include <unistd.h>

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "query/analysis/expected.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/fresh_snapshot.h"
#include "query/app/judge.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/policy_file.h"
#include "query/app/rule_sources.h"
#include "query/app/situation_log.h"
#include "query/app/words.h"
#include "query/report/answers/check_report.h"
#include "query/terminal/screen.h"
#include "schema/disk/resolve.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;
using schema::Seq;

constexpr const char* kCheckExamples =
    "examples:\n"
    "  sockwitness check                          the latest snapshot; for cron: silent when "
    "clean\n"
    "  sockwitness check --at 'yesterday 03:10'   what would have been found then\n"
    "  sockwitness check --since '7d ago'         every snapshot of a week, each finding once\n"
    "  sockwitness check --all                    notes of little weight, and accepted findings\n"
    "  sockwitness check --baseline gold          what the baseline has does not weigh; other "
    "owners do\n"
    "  sockwitness check --explain                why each finding is as grave as it is\n"
    "  sockwitness check --now                    this host at this moment, not recorded\n"
    "  sockwitness rules show shell-on-network    what a rule looks for, and how to accept it\n"
    "\n"
    "exit codes: 0 clean, 1 findings that nobody accepted or rules that could not run, 2 usage,\n"
    "3 database unusable\n";

constexpr std::array<std::pair<const char*, Severity>, 5> kSeverityWords{
    {{"info", Severity::Info},
     {"low", Severity::Low},
     {"medium", Severity::Medium},
     {"high", Severity::High},
     {"critical", Severity::Critical}}};

struct CheckOptions {
  std::optional<std::string> at;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::string baseline;
  std::string severity = "medium";
  std::string rules;
  std::string policy;
  bool now = false;
  bool all = false;
  bool explain = false;
  bool gaps = false;
  bool quiet = false;
};

struct CheckTimes {
  std::optional<schema::TimeSpec> at;
  std::optional<schema::TimeSpec> since;
  std::optional<schema::TimeSpec> until;
};

// Which snapshots are judged.
struct Range {
  Seq first;
  Seq last;
  std::string note;
};

Range choose_range(OpenedHistory& opened, const CheckTimes& times) {
  History& history = opened.history;
  if (times.since) {
    const Seq last =
        times.until ? choose_snapshot(history, "checking", *times.until).seq : opened.last();
    const Seq first = history.resolve(*times.since, schema::Side::FirstFrom, "checking since");
    if (last < first) {
      throw schema::Error(ExitCode::Usage,
                          fmt::format("checking from '#{}' to '#{}': the end lies before the begin",
                                      first.value(),
                                      last.value()));
    }
    return {first, last, {}};
  }
  if (times.at) {
    const Choice choice = choose_whole_snapshot(opened, "checking", *times.at);
    return {choice.seq, choice.seq, choice.note};
  }
  return {opened.last(), opened.last(), {}};
}

// Of a part of a snapshot rules would judge what it is a part of.
std::vector<Seq> whole_ones(OpenedHistory& opened, const Range& range) {
  const auto& thinned = opened.thinned;
  std::vector<Seq> whole;
  for (const schema::SnapshotInfo& info : opened.history.snapshots(range.first, range.last)) {
    if (!thinned || thinned->find(info.seq) == nullptr) {
      whole.push_back(info.seq);
    }
  }
  if (whole.empty()) {
    whole.push_back(whole_at_or_before(thinned, range.last));
  }
  return whole;
}

ExitCode exit_code(const std::vector<Finding>& findings,
                   Severity least,
                   const std::vector<RuleFailure>& failures,
                   const std::vector<schema::Error>& problems) {
  const bool found = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.severity() >= least && !finding.accepted();
  });
  return found || !failures.empty() || !problems.empty() ? ExitCode::Findings : ExitCode::Clean;
}

// Nothing to tell a person: cron mails nothing.
bool is_silent(const GlobalOptions& global, const CheckOptions& options, ExitCode code) {
  if (code != ExitCode::Clean || options.all) {
    return false;
  }
  return options.quiet || (global.format == OutputFormat::Text && !is_terminal(STDOUT_FILENO));
}

// From the database also when another history is judged.
std::optional<schema::ServiceSet> read_expected(const std::string& database,
                                                const std::string& baseline,
                                                schema::WallTime now) {
  if (baseline.empty()) {
    return std::nullopt;
  }
  OpenedHistory recorded = open_history(database);
  return expected_at(recorded.history.baseline(baseline), now).set;
}

ExitCode run_check(const GlobalOptions& global, const CheckOptions& options) {
  const Severity least = choose_word("--severity", options.severity, kSeverityWords);
  const schema::WallTime now = read_clock();
  const CheckTimes times{read_time(global, options.at, now, schema::Edge::End),
                         read_time(global, options.since, now, schema::Edge::Begin),
                         read_time(global, options.until, now, schema::Edge::End)};
  const RuleSources sources = read_rule_sources(options.rules);
  const Policy policy = read_policy(options.policy);
  const std::string database = find_database(global);
  OpenedHistory opened = options.now ? take_fresh_snapshot() : open_recorded(database);
  History& history = opened.history;
  const Range range = choose_range(opened, times);
  const PortNames names = read_port_names();
  const ClockFace clock = read_clock_face(global);
  Judge judge(history,
              sources.book,
              policy.acceptances,
              names,
              read_expected(database, options.baseline, now));
  SituationLog log;
  Judgement latest;
  std::vector<Finding> findings;
  if (times.since) {
    for (const Seq seq : whole_ones(opened, range)) {
      latest = judge.judge(seq);
      log.add(latest);
    }
    latest.failures = log.failures();
    findings = log.take();
  } else {
    latest = judge.judge(range.last);
    findings = std::move(latest.findings);
  }
  std::vector<schema::Error> problems = sources.problems;
  const auto unknown = unknown_rules(policy, sources.book);
  problems.insert(problems.end(), unknown.begin(), unknown.end());
  const ExitCode code = exit_code(findings, least, latest.failures, problems);
  if (is_silent(global, options, code)) {
    return code;
  }
  const std::size_t all = findings.size();
  if (!options.all) {
    std::erase_if(findings, [&](const Finding& finding) { return finding.severity() < least; });
  }
  // Reported, and no reason to fail: it may be intended.
  const auto sweeping = sweeping_acceptances(policy);
  problems.insert(problems.end(), sweeping.begin(), sweeping.end());
  const std::string version = sources.book.version();
  const CheckInput input{.snapshot = latest.judged->snapshot(),
                         .from = times.since ? std::optional(range.first) : std::nullopt,
                         .snapshots = times.since ? log.snapshots() : 1,
                         .rules_version = version,
                         .rules = latest.rules,
                         .findings = findings,
                         .hidden = all - findings.size(),
                         .failures = latest.failures,
                         .problems = problems,
                         .blindness = latest.blindness,
                         .note = range.note,
                         .names = names,
                         .all = options.all,
                         .each_gap = options.gaps,
                         .explain = options.explain};
  write_answer(
      global, [&] { return build_check(input); }, [&] { return lay_out_check(input, clock); });
  return code;
}

}  // namespace

Action add_check(schema::Command program) {
  const auto options = std::make_shared<CheckOptions>();
  const schema::Command check =
      program.add_command("check", "suspicious pairings of processes and sockets");
  const schema::Option at = check.add_option(
      "--at", options->at, "T", "the snapshot at or before this time; default: the latest");
  const schema::Option since =
      check.add_option("--since", options->since, "T", "every snapshot from this time on")
          .excludes(at);
  check.add_option("--until", options->until, "T", "with --since: up to this time").needs(since);
  check.add_option("--baseline",
                   options->baseline,
                   "NAME",
                   "what is expected where: other owners of its ports are findings");
  check.add_flag("--now", options->now, "this host now; it is not recorded")
      .excludes(at)
      .excludes(since);
  check.add_option("--severity",
                   options->severity,
                   "WORD",
                   "what counts: info, low, medium, high or critical and above; default: medium");
  check.add_flag("--all", options->all, "what does not count as well, and accepted ones in full");
  check.add_flag("--explain", options->explain, "every ground with its weight, for and against");
  check.add_flag("--gaps", options->gaps, "each gap in a line of its own");
  check.add_flag("-q,--quiet", options->quiet, "print nothing unless something counts");
  check.add_option("--rules",
                   options->rules,
                   "DIR",
                   "a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  check.add_option("--policy",
                   options->policy,
                   "FILE",
                   "the policy, for its [[accept]] tables; default: /etc/sockwitness/policy.toml");
  check.set_footer(std::string(schema::time_grammar()) + "\n\n" + kCheckExamples);
  return [options](const GlobalOptions& global) { return run_check(global, *options); };
}

}  // namespace sockwitness::query
