#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "query/analysis/history/chronicle_events.h"
#include "query/analysis/history/event_filter.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/judge.h"
#include "query/app/open_history.h"
#include "query/app/policy_file.h"
#include "query/app/rule_sources.h"
#include "query/app/selection.h"
#include "query/app/selection_options.h"
#include "query/app/thing.h"
#include "query/app/time_range.h"
#include "query/app/watch.h"
#include "query/app/words.h"
#include "query/read/archive_reader.h"
#include "query/read/deltas.h"
#include "query/read/history.h"
#include "query/read/snapshot_events.h"
#include "query/read/snapshot_heads.h"
#include "query/read/user_numbers.h"
#include "query/report/export/export_ecs.h"
#include "query/report/export/export_jsonl.h"
#include "query/report/export/export_osquery.h"
#include "query/report/export/export_sarif.h"
#include "query/report/export/export_timesketch.h"
#include "query/report/writers/json_writer.h"
#include "query/terminal/interruption.h"
#include "query/terminal/output_file.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Seq;

constexpr const char* kExportHelp =
    "formats:\n"
    "  jsonl       all that the snapshots show, field by field, and the baselines in use; what is\n"
    "              left out (dropped baselines, signatures, files that nothing refers to) is "
    "listed\n"
    "              in schema/EXPORT.md\n"
    "  timesketch  a timeline to import: sockets, processes, gaps, reboots, baselines\n"
    "  osquery     a results log: process_open_sockets and listening_ports, added and removed,\n"
    "              and both tables as the last snapshot shows them; it has no row for a gap\n"
    "  ecs         Elastic Common Schema 9: what is there at the begin, what happens after it,\n"
    "              gaps, reboots, runs that failed\n"
    "  sarif       SARIF 2.1.0: what changed between the begin and the end, and what `check` "
    "finds\n"
    "\n"
    "What is asked for selects events of timesketch, ecs and osquery; reboots, gaps and missed "
    "runs\n"
    "stay. With --all the recorder's own runs as well.\n"
    "\n"
    "examples:\n"
    "  sockwitness export --format ecs 8443 --since 'yesterday 00:00'\n"
    "  sockwitness export --format timesketch --since 'yesterday 00:00' -o web07.jsonl\n"
    "  sockwitness export --format jsonl --since '#1' --until '#8640' -o october.jsonl\n"
    "  sockwitness export --format osquery --since '1h ago' | ship-to-siem\n"
    "  sockwitness export --format sarif --since '#1' -o changes.sarif\n"
    "\n"
    "exit codes: 0 written, 2 usage, 3 database or output unusable, 130 interrupted\n";

enum class ExportFormat { Jsonl, Timesketch, Osquery, Ecs, Sarif };

constexpr std::array<std::pair<const char*, ExportFormat>, 5> kExportFormats{
    {{"jsonl", ExportFormat::Jsonl},
     {"timesketch", ExportFormat::Timesketch},
     {"osquery", ExportFormat::Osquery},
     {"ecs", ExportFormat::Ecs},
     {"sarif", ExportFormat::Sarif}}};

struct ExportOptions {
  std::string format;
  TimeRangeOptions period;
  std::string output;
  std::string policy;
  std::string rules;
  SelectionOptions selection;
  bool force = false;
};

// What all the formats read.
struct Source {
  History& history;
  const Moments& moments;
  const schema::SeqRange range;
  const OnProgress& on_progress;
  bool all;                         // the recorder's own runs as well
  std::vector<EventFilter> wanted;  // any of them; none: everything

  [[nodiscard]] std::span<const Moment> snapshots() const {
    const std::size_t first = moments.at_or_after(range.first);
    return moments.all().subspan(first, moments.count(range.first, range.last));
  }
  void tell(Seq seq) const {
    on_progress(seq.value() - range.first.value(), range.last.value() - range.first.value() + 1);
  }
};

void export_jsonl(const Source& source, const LineSink& sink) {
  JsonlExport lines(sink);
  lines.begin(source.range);
  std::multimap<Seq, schema::MissedRun> missed;
  for (schema::MissedRun& run : source.history.missed_runs()) {
    missed.emplace(run.after.value_or(Seq(0)), std::move(run));
  }
  if (source.range.first == source.moments[0].seq) {
    const auto early = missed.equal_range(Seq(0));
    std::for_each(early.first, early.second, [&](const auto& run) { lines.add(run.second); });
  }
  schema::DeltaReader reader = read_deltas(source.history);
  const std::string archive = read_archive(source.history);
  SnapshotHeads heads(source.history, source.range);
  for (const Moment& moment : source.snapshots()) {
    const auto info = source.history.info(moment.seq);
    const SnapshotHead head = heads.next();
    lines.add(info,
              moment.seq == source.range.first ? reader.read_all(moment.seq)
                                               : reader.read_next(moment.seq),
              ExportedHead{archive, head.record, head.head});
    const auto after = missed.equal_range(moment.seq);
    std::for_each(after.first, after.second, [&](const auto& run) { lines.add(run.second); });
    source.tell(moment.seq);
  }
  for (const schema::BaselineInfo& info : source.history.baselines()) {
    lines.add(source.history.baseline(info.name));
  }
  lines.finish();
}

// A word that names a program or a unix socket asks for either.
std::vector<EventFilter> read_filters(const ExportOptions& options,
                                      ExportFormat format,
                                      History& history) {
  SelectionOptions selection = options.selection;
  selection.all = false;
  const std::string typed = selection_words(selection);
  if (typed.empty()) {
    return {};
  }
  if (format == ExportFormat::Jsonl || format == ExportFormat::Sarif) {
    throw Error(ExitCode::Usage,
                fmt::format("exporting {}: this form is of all that was recorded", typed),
                "timesketch, ecs and osquery take a part; or: sockwitness timeline " + typed +
                    " --format jsonl");
  }
  const PortNames names = read_port_names();
  const Thing thing = parse_things(selection.things, build_filter(selection, names), names);
  std::vector<EventFilter> filters;
  const auto add = [&](Filter filter) {
    add_user_numbers(history, filter.users);
    filters.emplace_back(std::move(filter));
  };
  add(thing.filter);
  if (thing.as_program) {
    add(*thing.as_program);
  }
  return filters;
}

bool is_own_run(const TimelineEvent& event) {
  const auto* const process = std::get_if<ProcessTransition>(&event.what);
  return process != nullptr &&
         process->shown().event_snapshot->view().process(process->shown().index).recorder;
}

// False at the end.
bool read_next(const Source& source, SnapshotEvents& reader, std::vector<TimelineEvent>& events) {
  events.clear();
  const bool more = reader.next(events);
  if (!source.all) {
    std::erase_if(events, is_own_run);
  }
  if (!source.wanted.empty()) {
    std::erase_if(events, [&](const TimelineEvent& event) {
      return std::none_of(source.wanted.begin(),
                          source.wanted.end(),
                          [&](const EventFilter& filter) { return filter.is_about(event); });
    });
  }
  return more;
}

// What happened to sockets and processes, and between the snapshots before the one that followed.
template <class Lines>
void export_events(const Source& source, std::span<const schema::MissedRun> missed, Lines& lines) {
  const auto chronicle =
      chronicle_events(source.moments, build_chronicle(source.moments, missed, {}), source.range);
  auto next = chronicle.begin();
  SnapshotEvents reader(source.history, source.moments, source.range);
  for (std::vector<TimelineEvent> events; read_next(source, reader, events);) {
    const Seq seq = reader.until();
    for (; next != chronicle.end() && next->seq && *next->seq <= seq; ++next) {
      lines.add(*next);
    }
    for (const TimelineEvent& event : events) {
      lines.add(event);
    }
    source.tell(seq);
  }
  for (; next != chronicle.end(); ++next) {
    lines.add(*next);
  }
}

void export_timesketch(const Source& source, const LineSink& sink) {
  const auto missed = source.history.missed_runs();
  TimesketchExport lines(source.moments, missed, sink);
  export_events(source, missed, lines);
  for (const schema::BaselineInfo& info : source.history.baselines()) {
    if (source.range.contains(info.last)) {
      lines.add(info);
    }
  }
}

void export_ecs(const Source& source, const LineSink& sink) {
  const auto missed = source.history.missed_runs();
  EcsExport lines(source.moments, missed, sink);
  export_events(source, missed, lines);
}

void export_osquery(const Source& source, const LineSink& sink) {
  OsqueryExport lines(source.moments, sink);
  SnapshotEvents reader(source.history, source.moments, source.range);
  for (std::vector<TimelineEvent> events; read_next(source, reader, events);) {
    lines.add(reader.until(), events);
    source.tell(reader.until());
  }
  const Seq last = source.range.last;
  std::vector<TimelineEvent> present;
  SnapshotEvents ends(source.history, source.moments, {last, last});
  read_next(source, ends, present);
  lines.add_snapshot(last, present);
}

// What happened between the two ends.
std::vector<ChronicleEvent> chronicle_of(const Source& source,
                                         std::span<const schema::MissedRun> missed) {
  auto events = build_chronicle(source.moments, missed, {});
  const std::size_t first = source.moments.at_or_after(source.range.first);
  const std::size_t last = source.moments.at_or_after(source.range.last);
  std::erase_if(events, [&](const ChronicleEvent& event) {
    const std::size_t before = event.before.value_or(source.moments.size());
    const bool is_note = event.kind == ChronicleKind::Noted;
    return before < first || (before == first && !is_note) || before > last;
  });
  return events;
}

// The later snapshot's findings, and those that only the earlier one has.
std::vector<SarifFinding> compare_findings(std::vector<Finding> before,
                                           std::vector<Finding> after) {
  std::map<std::string, std::size_t> known;
  for (const Finding& finding : before) {
    ++known[finding.key];
  }
  std::vector<SarifFinding> findings;
  for (Finding& finding : after) {
    std::size_t& left = known[finding.key];
    const bool unchanged = left > 0;
    left -= unchanged ? 1 : 0;
    findings.push_back({unchanged ? "unchanged" : "new", std::move(finding)});
  }
  for (Finding& finding : before) {
    std::size_t& left = known[finding.key];
    if (left > 0) {
      --left;
      findings.push_back({"absent", std::move(finding)});
    }
  }
  return findings;
}

void export_sarif(const Source& source, const ExportOptions& options, OutputFile& output) {
  const RuleSources sources = read_rule_sources(options.rules);
  const Policy policy = read_policy(options.policy);
  const PortNames names = read_port_names();
  History& history = source.history;
  const schema::SeqRange range = source.range;
  Judge judge(history, sources.book, policy.acceptances, names);
  Judgement before = judge.judge(range.first);
  Judgement after = judge.judge(range.last);
  const auto findings = compare_findings(std::move(before.findings), std::move(after.findings));
  // The later side is judged with the snapshots after it, the earlier one is not: as diff does.
  const schema::ServiceSet earlier = history.services(range.first, false);
  const schema::ServiceSet later = history.services(range.last, true);
  const Diff diff = compare_services(earlier, later);
  const std::string version = sources.book.version();
  const auto missed = history.missed_runs();
  const auto chronicle = chronicle_of(source, missed);
  output.write(write_json_object(sarif_log({.from = history.info(range.first),
                                            .to = history.info(range.last),
                                            .before = earlier,
                                            .after = later,
                                            .diff = diff,
                                            .findings = findings,
                                            .chronicle = chronicle,
                                            .missed = missed,
                                            .rules = sources.book.rules(),
                                            .rules_version = version,
                                            .names = names})));
}

// Timesketch takes a file by the end of its name.
void require_name(ExportFormat format, const std::string& output) {
  if (format == ExportFormat::Timesketch && !output.empty() && output != "-" &&
      !output.ends_with(".jsonl")) {
    throw Error(ExitCode::Usage,
                "writing '" + output +
                    "': Timesketch takes JSON lines only from names that end "
                    "in .jsonl",
                "try: -o '" + output + ".jsonl'");
  }
}

ExportFormat read_format(const GlobalOptions& global, const std::string& typed) {
  if (!typed.empty()) {
    return choose_word("--format", typed, kExportFormats);
  }
  if (global.format == OutputFormat::JsonLines) {
    return ExportFormat::Jsonl;  // typed before the command
  }
  throw Error(ExitCode::Usage,
              "reading the command line: no --format for the export",
              "one of: jsonl, timesketch, osquery, ecs, sarif");
}

ExitCode run_export(const GlobalOptions& global, const ExportOptions& options) {
  const ExportFormat format = read_format(global, options.format);
  require_name(format, options.output);
  const schema::WallTime now = read_clock();
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::End);
  const std::string database = find_database(global);
  OpenedHistory opened = open_recorded(database);
  History& history = opened.history;
  std::vector<EventFilter> wanted = read_filters(options, format, history);
  const Moments moments = history.moments();
  const TimeRange period = choose_time_range(history, moments, since, until);
  OutputFile output(options.output,
                    options.force ? OutputFile::Existing::Replace : OutputFile::Existing::Refuse,
                    database);
  Watch watch("exporting");
  const Source source{.history = history,
                      .moments = moments,
                      .range = period.snapshots,
                      .on_progress = watch.on_progress(),
                      .all = options.selection.all,
                      .wanted = std::move(wanted)};
  const LineSink sink = [&](const Value::Object& line) { output.write(write_json_line(line)); };
  history.read([&] {
    switch (format) {
      case ExportFormat::Jsonl:
        return export_jsonl(source, sink);
      case ExportFormat::Timesketch:
        return export_timesketch(source, sink);
      case ExportFormat::Osquery:
        return export_osquery(source, sink);
      case ExportFormat::Ecs:
        return export_ecs(source, sink);
      case ExportFormat::Sarif:
        return export_sarif(source, options, output);
    }
  });
  watch.clear();
  output.complete();
  LastSteps last;
  output.finish();
  last.taken();
  return ExitCode::Clean;
}

}  // namespace

Action add_export(schema::Command program) {
  const auto options = std::make_shared<ExportOptions>();
  const schema::Command command =
      program.add_command("export", "the record in formats of other people's tools");
  command.add_option(
      "--format", options->format, "WORD", "jsonl, timesketch, osquery, ecs or sarif");
  add_time_range(command, options->period);
  command.add_option(
      "-o,--output", options->output, "FILE", "a new file; default: standard output");
  command.add_flag("--force", options->force, "replace FILE when it is there already");
  add_selection(command, options->selection);
  command.add_option("--policy",
                     options->policy,
                     "FILE",
                     "sarif: the policy, for its [[accept]] tables; default: "
                     "/etc/sockwitness/policy.toml");
  command.add_option("--rules",
                     options->rules,
                     "DIR",
                     "sarif: a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  command.set_footer(std::string(thing_grammar()) + "\n\n" + std::string(schema::time_grammar()) +
                     "\n\n" + kExportHelp);
  return [options](const GlobalOptions& global) { return run_export(global, *options); };
}

}  // namespace sockwitness::query
