#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "query/analysis/diff.h"
#include "query/analysis/expected.h"
#include "query/analysis/history/recurrence.h"
#include "query/analysis/neutral.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/fail_on.h"
#include "query/app/fresh_snapshot.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/read/history.h"
#include "query/read/recurrence_reader.h"
#include "query/report/answers/diff_report.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Seq;

constexpr const char* kDiffExamples =
    "examples:\n"
    "  sockwitness diff                                   since the snapshot before the latest\n"
    "  sockwitness diff --baseline gold --quiet           for cron: silent unless something "
    "counts\n"
    "  sockwitness diff --from 'yesterday 09:00' --all    restarts and narrower reach as well\n"
    "  sockwitness diff --baseline gold --now             this host at this moment, not recorded\n"
    "  sockwitness diff '#1' '#5'                         two snapshots\n"
    "  sockwitness diff --other web08.db                  against another host\n"
    "  sockwitness diff --fail-on new_listener,owner_changed\n"
    "\n"
    "exit codes: 0 nothing that counts, 1 something that counts, 2 usage, 3 database unusable\n";

struct DiffOptions {
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::string baseline;
  std::string other;
  std::string fail_on = "low";
  bool now = false;
  bool all = false;
  bool quiet = false;
};

// One side, with what keeps it alive.
struct Observed {
  std::optional<schema::SnapshotInfo> snapshot;
  std::optional<schema::BaselineInfo> baseline;
  std::string file;
  bool now = false;
  schema::ServiceSet set;

  [[nodiscard]] const std::string& host() const {
    return snapshot ? snapshot->context.host_name : baseline->host_name;
  }
  [[nodiscard]] DiffEnd end() const { return {snapshot, baseline, file, now, set}; }
};

// Numbers follow each other, from 1 or from what was pruned.
Seq previous_of(const OpenedHistory& opened, Seq to) {
  if (to <= opened.first()) {
    throw Error(ExitCode::Usage,
                fmt::format("comparing snapshot '#{}': there is none before it", to.value()),
                "record another one with: sockwitness-recorder snapshot\n"
                "or name two of them: sockwitness diff --from '#1' --to '#2'");
  }
  return Seq(to.value() - 1);
}

Seq choose_or_latest(OpenedHistory& opened, const std::optional<schema::TimeSpec>& time) {
  return time ? choose_snapshot(opened.history, "comparing", *time).seq : opened.last();
}

// With `hindsight` snapshots after it decide which UDP ports are services; the earlier side is
// judged by snapshots up to it.
Observed observe_snapshot(History& history, Seq seq, bool hindsight) {
  Observed observed;
  observed.snapshot = history.info(seq);
  observed.set = history.services(seq, hindsight);
  return observed;
}

Observed observe_baseline(History& history, const std::string& name, schema::WallTime now) {
  const schema::Baseline baseline = history.baseline(name);
  Observed observed;
  observed.baseline = baseline.info;
  observed.set = expected_at(baseline, now).set;
  return observed;
}

Observed observe_now(OpenedHistory& recorded) {
  OpenedHistory fresh = take_fresh_snapshot();
  Observed observed;
  observed.snapshot = fresh.history.info(fresh.last());
  observed.now = true;
  observed.set = services_now(fresh, recorded);
  return observed;
}

struct DiffTimes {
  std::optional<schema::TimeSpec> from;
  std::optional<schema::TimeSpec> to;
};

Observed observe_later(OpenedHistory& opened, const DiffOptions& options, const DiffTimes& times) {
  if (options.now) {
    return observe_now(opened);
  }
  if (options.other.empty()) {
    return observe_snapshot(opened.history, choose_or_latest(opened, times.to), true);
  }
  OpenedHistory other = open_recorded(options.other);
  Observed observed = observe_snapshot(other.history, choose_or_latest(other, times.to), true);
  observed.file = options.other;
  return observed;
}

Observed observe_earlier(OpenedHistory& opened,
                         const DiffOptions& options,
                         const DiffTimes& times,
                         const Observed& later,
                         schema::WallTime now) {
  if (!options.baseline.empty()) {
    return observe_baseline(opened.history, options.baseline, now);
  }
  const bool elsewhere = options.now || !options.other.empty();
  const Seq seq = times.from  ? choose_snapshot(opened.history, "comparing", *times.from).seq
                  : elsewhere ? opened.last()
                              : previous_of(opened, later.snapshot->seq);
  return observe_snapshot(opened.history, seq, elsewhere && !options.now);
}

// What history says of services that came or went. Of another host it says nothing.
void tell_history(OpenedHistory& opened,
                  const Observed& earlier,
                  const Observed& later,
                  Diff& diff) {
  const Seq before = earlier.snapshot ? earlier.snapshot->seq : earlier.baseline->last;
  const Seq last = later.now ? opened.last() : later.snapshot->seq;
  tell_recurrences(
      diff,
      read_recurrences(opened.history, {recurrence_candidates(diff), before, last, later.set}));
}

ExitCode run_diff(const GlobalOptions& global, const DiffOptions& options) {
  const FailOn fail_on = parse_fail_on(options.fail_on);
  const schema::WallTime now = read_clock();
  const DiffTimes times{read_time(global, options.from, now, schema::Edge::End),
                        read_time(global, options.to, now, schema::Edge::End)};
  OpenedHistory opened = open_recorded(find_database(global));
  Observed later = observe_later(opened, options, times);
  Observed earlier = observe_earlier(opened, options, times, later, now);
  std::vector<std::string> left_out;
  const bool two_hosts = !options.other.empty() && earlier.host() != later.host();
  if (two_hosts) {
    left_out = leave_out_host_parts(earlier.set, later.set);
  }
  Diff diff = compare_services(earlier.set, later.set);
  if (two_hosts) {
    std::erase_if(diff.changes,
                  [](const Change& change) { return change.kind == ChangeKind::Restarted; });
  }
  if (options.other.empty()) {
    tell_history(opened, earlier, later, diff);
  }
  const bool found = std::any_of(diff.changes.begin(), diff.changes.end(), fail_on);
  if (found || !options.quiet) {
    const DiffInput input{.from = earlier.end(),
                          .to = later.end(),
                          .diff = diff,
                          .all = options.all,
                          .left_out = left_out,
                          .counts = fail_on};
    const ClockFace clock = read_clock_face(global);
    write_answer(
        global, [&] { return build_diff(input); }, [&] { return lay_out_diff(input, clock); });
  }
  return found ? ExitCode::Findings : ExitCode::Clean;
}

}  // namespace

Action add_diff(schema::Command program) {
  const auto options = std::make_shared<DiffOptions>();
  const schema::Command diff = program.add_command("diff", "what changed in what listens");
  const schema::Option from =
      diff.add_option("--from,--since,from",
                      options->from,
                      "T",
                      "the earlier snapshot; default: the one before the later");
  diff.add_option("--baseline", options->baseline, "NAME", "the earlier side is this baseline")
      .excludes(from);
  const schema::Option to = diff.add_option(
      "--to,--until,to", options->to, "T", "the later snapshot; default: the latest");
  const schema::Option now =
      diff.add_flag("--now", options->now, "the later side is this host now; it is not recorded")
          .excludes(to);
  diff.add_option(
          "--other", options->other, "FILE", "the later side is from another host's database")
      .excludes(now);
  diff.add_flag("--all", options->all, "changes of no weight as well: restarts, narrower reach, …");
  diff.add_flag("-q,--quiet", options->quiet, "print nothing unless something counts");
  diff.add_option("--fail-on",
                  options->fail_on,
                  "LIST",
                  "kinds or a least severity that count for exit code 1; default: low");
  diff.set_footer(std::string(schema::time_grammar()) + "\n\n" + kDiffExamples);
  return [options](const GlobalOptions& global) { return run_diff(global, *options); };
}

}  // namespace sockwitness::query
