#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/report_call.h"
#include "query/app/watch.h"
#include "query/app/words.h"
#include "query/report/compliance/compliance.h"
#include "query/report/compliance/integrity.h"
#include "query/terminal/interruption.h"
#include "query/terminal/output_file.h"
#include "query/verify/verifier.h"
#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kReportExamples =
    "examples:\n"
    "  sockwitness report --since 2026-07-01 --until 2026-10-01 -o q3.html\n"
    "  sockwitness report --since '30d ago' --baseline gold -o october.md\n"
    "  sockwitness report --since '7d ago' --format csv --table changes > changes.csv\n"
    "  sha256sum -c q3.html.sha256                     is this the page that was made?\n"
    "\n"
    "The form follows from the name: .html, .md, .csv, .json. Beside FILE a FILE.sha256 is "
    "written.\n"
    "\n"
    "The database is verified first, with keys and anchors that were kept elsewhere where they "
    "are\n"
    "given; the report says what that proves. Without it, or where it fails, it is stamped "
    "UNVERIFIED.\n"
    "\n"
    "exit codes: 0 written, also when there is something to act on; 2 usage (also a policy that\n"
    "            cannot be read), 3 database or output unusable, or written from one that is "
    "altered,\n"
    "            130 interrupted\n";

// Each takes about as long as `check` does; together they stay within seconds.
constexpr std::size_t kMostJudgedSnapshots = 48;

// By the accounts of this machine alone: no name service is asked, nor loaded into a program
// without libraries.
std::string user_name() {
  const uid_t user = ::geteuid();
  if (std::FILE* accounts = std::fopen("/etc/passwd", "re")) {
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> held(accounts, close);
    while (const passwd* entry = ::fgetpwent(accounts)) {
      if (entry->pw_uid == user) {
        return entry->pw_name;
      }
    }
  }
  return std::to_string(user);
}

// "HASH  NAME", as sha256sum writes it: names relative to the folder of both.
std::string hash_line(const std::string& path, const std::string& content) {
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return schema::hex(schema::sha256(content)) + "  " + name + "\n";
}

OutputFile::Existing existing_of(const ReportOptions& options) {
  return options.force ? OutputFile::Existing::Replace : OutputFile::Existing::Refuse;
}

std::string side_of(const std::string& path) {
  return path.empty() || path == "-" ? std::string() : path + ".sha256";
}

// Both, or neither.
void write_files(const ReportOptions& options,
                 const std::string& database,
                 const std::string& content) {
  OutputFile report(options.output, existing_of(options), database);
  report.write(content);
  const std::string side_path = side_of(options.output);
  if (side_path.empty()) {
    report.finish();  // to standard output, which may take long
    return;
  }
  OutputFile side(side_path, existing_of(options), database);
  side.write(hash_line(options.output, content));
  side.complete();
  report.complete();
  LastSteps last;
  report.finish();
  try {
    side.finish();
  } catch (...) {
    report.take_back();
    throw;
  }
  last.taken();
}

// Before minutes are spent on an answer that has no place to go.
void refuse_early(const ReportOptions& options, const std::string& database) {
  const OutputFile trial(options.output, existing_of(options), database);
  const OutputFile side(side_of(options.output), existing_of(options), database);
}

schema::WallTime instant_of(const GlobalOptions& global,
                            const ReportOptions& options,
                            schema::WallTime now) {
  const auto spec = read_time(global, options.as_of, now, schema::Edge::End);
  if (!spec) {
    return {now.microseconds - now.microseconds % 1'000'000};  // as --as-of repeats it
  }
  const auto* time = std::get_if<schema::WallTime>(&*spec);
  if (time == nullptr) {
    throw Error(ExitCode::Usage,
                "reading --as-of '" + *options.as_of + "': a time, not a snapshot",
                "for example: --as-of 2026-10-01T08:00:00Z");
  }
  return *time;
}

// When the last snapshot was taken; not what a clock says that was set forward since the first one.
schema::WallTime end_of(const Moments& moments, schema::SeqRange snapshots) {
  const std::size_t first = moments.at_or_after(snapshots.first);
  const std::size_t last = moments.at_or_after(snapshots.last);
  std::int64_t passed = 0;
  for (std::size_t at = first + 1; at <= last; ++at) {
    passed += std::max<std::int64_t>(0, distance_us(moments, moments[at - 1], moments[at]));
  }
  return std::min(moments[last].begin.wall,
                  schema::WallTime{moments[first].begin.wall.microseconds + passed});
}

// Nothing: it was not asked for.
std::optional<Verdict> verify_for(const ReportOptions& options, const std::string& database) {
  if (options.no_verify) {
    return std::nullopt;
  }
  Watch watch("verifying records");
  auto verdict = verify({database,
                         options.kept.keys,
                         options.kept.anchors,
                         options.kept.stamps,
                         watch.on_progress()});
  watch.clear();
  return verdict;
}

// After the report was written, which bears the stamp.
ExitCode conclude(const std::optional<Verdict>& verdict, const std::string& database) {
  if (verdict && verdict->result != Verdict::Result::Intact &&
      verdict->result != Verdict::Result::Unsigned) {
    throw Error(ExitCode::Unusable,
                "verifying '" + database + "': it is altered or damaged; the report is stamped " +
                    integrity_of(&*verdict).stamp,
                "what is wrong: sockwitness verify");
  }
  return ExitCode::Clean;
}

ExitCode run_report(const GlobalOptions& global, const ReportOptions& options) {
  const ReportForm form = choose_form(global, options.form, options.output);
  const schema::WallTime now = instant_of(global, options, read_clock());
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::End);
  const auto expect_every_us = read_interval("--expect-every", options.expect_every);
  const RuleSources sources = read_rule_sources(options.rules);
  DatedPolicy dated = read_dated_policy(options.policy);
  Policy& policy = dated.policy;
  const std::string database = find_database(global);
  OpenedHistory opened = open_recorded(database);
  History& history = opened.history;
  add_user_numbers(history, policy);
  const Moments moments = history.moments();
  const TimeRange period = choose_time_range(history, moments, since, until);
  const schema::WallTime last = end_of(moments, period.snapshots);
  if (options.as_of && now < last) {
    throw Error(ExitCode::Usage,
                "reading --as-of '" + *options.as_of + "': before the end of the period",
                "its last snapshot is of " + schema::format_utc(last));
  }
  refuse_early(options, database);
  const std::optional<Verdict> verdict = verify_for(options, database);
  Watch watch("reading history");
  const MaterialQuestion question{.history = history,
                                  .moments = moments,
                                  .period = period,
                                  .policy = policy,
                                  .baseline = options.baseline,
                                  .now = now,
                                  .expect_every_us = expect_every_us,
                                  .on_progress = watch.on_progress()};
  ReportMaterial material = read_material(question);
  const PortNames names = read_port_names();
  Judge judge(history, sources.book, policy.acceptances, names);
  judge_states(judge, question, kMostJudgedSnapshots, material);
  watch.clear();
  std::vector<std::string> words = policy_words(options, dated);
  if (words.empty() && !policy.source.empty()) {
    words.push_back(policy.source);
  }
  const std::string user = options.by.empty() ? user_name() : options.by;
  const ComplianceInput input{
      .moments = moments,
      .snapshots = period.snapshots,
      .asked_since = period.since_words,
      .asked_until = period.until_words,
      .next = material.next,
      .ends_later = material.ends_later,
      .coverage = material.coverage,
      .totals = {material.totals.snapshots,
                 material.totals.incomplete,
                 material.totals.synchronized,
                 material.totals.unsynchronized},
      .services = material.services,
      .entry_approvals = material.entry_approvals,
      .approvals_then = material.approvals_then,
      .approvals_now = material.approvals_now,
      .partial = material.partial,
      .findings = {.rows = material.findings,
                   .judged = material.judged,
                   .all_states = material.all_states,
                   .rules_version = sources.book.version(),
                   .failures = material.failures},
      .events = material.events,
      .missed = material.missed,
      .unsynchronized = material.unsynchronized,
      .baselines = material.baselines,
      .baseline = material.baseline ? std::optional(material.baseline->info) : std::nullopt,
      .policy = fmt::format("{}", fmt::join(words, ", ")),
      .policy_uses = material.policy_uses,
      .names = names,
      .addresses = material.addresses,
      .expect_every_us = expect_every_us,
      .verdict = verdict ? &*verdict : nullptr,
      .run = {.at = now,
              .user = user,
              .arguments = arguments_text({.options = options,
                                           .form = form,
                                           .period = period,
                                           .material = material,
                                           .database = database,
                                           .user = user},
                                          words),
              .database = database,
              .program_hash = hash_of_file("/proc/self/exe"),
              .policy_hash = hash_of_file(policy.source),
              .config_hash = config_hash(options, dated, sources.book.version(), material),
              .sqlite = sqlite_version()}};
  write_files(options, database, write_form(form, input));
  return conclude(verdict, database);
}

}  // namespace

Action add_report(schema::Command program) {
  const auto options = std::make_shared<ReportOptions>();
  const schema::Command report = program.add_command(
      "report", "port changes over a period, for auditors: HTML, Markdown, CSV or JSON");
  add_form(report, options->form);
  add_time_range(report, options->period);
  report.add_option("-o,--output", options->output, "FILE", "a new file; default: standard output");
  report.add_flag("--force", options->force, "replace FILE when it is there already");
  report.add_list("--policy",
                  options->policy,
                  "FILE",
                  "who approved what, several as T=FILE: each from then on; default: "
                  "/etc/sockwitness/policy.toml where it is there");
  report.add_option(
      "--baseline", options->baseline, "NAME", "what was expected; default: the newest");
  report.add_option("--rules",
                    options->rules,
                    "DIR",
                    "a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  add_expect_every(report, options->expect_every);
  report.add_option("--as-of",
                    options->as_of,
                    "T",
                    "when the report is made; default: now. Repeats an earlier one byte by byte");
  add_kept_elsewhere(report, options->kept);
  report.add_flag("--no-verify",
                  options->no_verify,
                  "do not verify the database; the report is stamped UNVERIFIED");
  report.add_option("--by", options->by, "NAME", "who makes it; default: the user");
  report.set_footer(std::string(schema::time_grammar()) + "\n\n" + kReportExamples);
  return [options](const GlobalOptions& global) { return run_report(global, *options); };
}

}  // namespace sockwitness::query
