#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "query/alert/alert.h"
#include "query/analysis/expected.h"
#include "query/app/alert_material.h"
#include "query/app/alert_store.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/policy_file.h"
#include "query/app/watch.h"
#include "query/app/words.h"
#include "query/read/archive_reader.h"
#include "query/report/alert/alert_forms.h"
#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "query/report/writers/text_writer.h"
#include "query/terminal/delivery.h"
#include "query/terminal/journal_socket.h"
#include "schema/disk/resolve.h"
#include "schema/program/place.h"
#include "schema/program/shell_word.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kExamples =
    "Each thing is told once: changes between all snapshots, findings by situation (again when "
    "they\n"
    "are worse, and when they are gone), expired and unexplained services where there is a "
    "policy,\n"
    "missed runs and times when nobody looked. What was told is kept in FILE, one for each "
    "database;\n"
    "it counts as told when the answer was taken. The first alert tells the state.\n"
    "\n"
    "examples:\n"
    "  sockwitness alert                               for cron: silent when nothing is new\n"
    "  sockwitness alert --format mail --to root | sendmail -t\n"
    "  sockwitness alert --format journal              entries with SOCKWITNESS_RULE= and other "
    "fields\n"
    "  sockwitness alert --format webhook | curl -s -d @- https://hooks.example.org/x\n"
    "  sockwitness alert --format metrics -o /var/lib/node_exporter/sockwitness.prom\n"
    "  sockwitness alert --dry-run                     the same, and the next one tells it again\n"
    "  sockwitness alert --since 'yesterday 18:00'     all that was new since then, once more\n"
    "\n"
    "metrics tell the latest snapshot each time and count nothing as told; two ways of telling "
    "need\n"
    "a --state each.\n"
    "\n"
    "exit codes: 0 nothing new, 1 something is told, 2 usage, 3 database, output or FILE "
    "unusable:\n"
    "what was told is then told again\n";

enum class AlertFormat { Text, Json, JsonLines, Csv, Mail, Journal, Metrics, Webhook };

constexpr std::array<std::pair<const char*, AlertFormat>, 8> kFormats{
    {{"text", AlertFormat::Text},
     {"json", AlertFormat::Json},
     {"jsonl", AlertFormat::JsonLines},
     {"csv", AlertFormat::Csv},
     {"mail", AlertFormat::Mail},
     {"journal", AlertFormat::Journal},
     {"metrics", AlertFormat::Metrics},
     {"webhook", AlertFormat::Webhook}}};

constexpr std::array<std::pair<const char*, Severity>, 5> kAlertSeverityWords{
    {{"info", Severity::Info},
     {"low", Severity::Low},
     {"medium", Severity::Medium},
     {"high", Severity::High},
     {"critical", Severity::Critical}}};

struct AlertOptions {
  std::string format;
  std::string to;
  std::string output;
  std::string state;
  std::string severity = "medium";
  std::string policy;
  std::string baseline;
  std::string rules;
  std::optional<std::string> expect_every;
  std::optional<std::string> since;
  bool dry_run = false;
};

AlertFormat choose_format(const GlobalOptions& global, const AlertOptions& options) {
  if (!options.format.empty()) {
    return choose_word("--format", options.format, kFormats);
  }
  return kFormats.at(static_cast<std::size_t>(global.format)).second;
}

void require_sense(const AlertOptions& options, AlertFormat format) {
  const auto refuse = [](const char* option, const char* reason, const char* hint) {
    throw Error(ExitCode::Usage, fmt::format("reading {}: {}", option, reason), hint);
  };
  if (!options.to.empty() && format != AlertFormat::Mail) {
    refuse("--to", "only a mail has an address", "add --format mail, or leave --to out");
  }
  if (!options.output.empty() && format == AlertFormat::Journal) {
    refuse("--output", "the journal is no file", "leave --output out");
  }
  if (format == AlertFormat::Mail && !options.to.empty()) {
    require_mail_address(options.to);
  }
}

// What a person types to ask this database.
std::string command_for(const GlobalOptions& global) {
  const schema::DatabasePlace place = schema::find_database(global.database);
  return place.usual
             ? std::string("sockwitness")
             : fmt::format("sockwitness --db {}",
                           schema::shell_word(std::filesystem::absolute(place.path).string()));
}

// For a mail and a web hook, which say that they are UTF-8.
std::string page_text(const AlertInput& input, const GlobalOptions& global) {
  return write_text(lay_out_alert(input, read_clock_face(global)), {});
}

// For whoever reads standard output, the subject as its first line.
std::string screen_text(const AlertInput& input, const GlobalOptions& global) {
  Page page;
  page.add(alert_subject(input), Style::Strong);
  for (auto& block : lay_out_alert(input, read_clock_face(global)).blocks) {
    page.blocks.push_back(std::move(block));
  }
  const Screen screen = read_screen(STDOUT_FILENO, global.colour);
  return write_text(page, {screen.colour, screen.width, !screen.utf8});
}

// The recipients.
class Messenger {
 public:
  Messenger(const GlobalOptions& global, const AlertOptions& options, AlertFormat format)
      : global_(global), options_(options), format_(format) {}

  void tell(const AlertInput& input, const std::string& database) const {
    if (format_ == AlertFormat::Journal) {
      send_to_journal(write_journal_entries(input));
      return;
    }
    put(form_of(input), database);
  }

  void put(const std::string& message, const std::string& database) const {
    if (options_.output.empty() || options_.output == "-") {
      deliver(STDOUT_FILENO, message);
      return;
    }
    const bool for_others = format_ == AlertFormat::Metrics;
    OutputFile file(options_.output,
                    OutputFile::Existing::Replace,
                    database,
                    for_others ? OutputFile::Readers::All : OutputFile::Readers::Group);
    file.write(message);
    file.finish();
  }

 private:
  [[nodiscard]] std::string form_of(const AlertInput& input) const {
    switch (format_) {
      case AlertFormat::Json:
        return write_json(build_alert(input));
      case AlertFormat::JsonLines:
        return write_json_lines(build_alert(input));
      case AlertFormat::Csv:
        return write_csv(build_alert(input));
      case AlertFormat::Mail:
        return write_alert_mail(
            input, options_.to.empty() ? "root" : options_.to, page_text(input, global_));
      case AlertFormat::Webhook:
        return write_alert_line(input, page_text(input, global_));
      default:
        return screen_text(input, global_);
    }
  }

  const GlobalOptions& global_;
  const AlertOptions& options_;
  AlertFormat format_;
};

std::optional<schema::Baseline> choose_baseline(History& history, const std::string& name) {
  if (!name.empty()) {
    return history.baseline(name);
  }
  const auto infos = history.baselines();
  return infos.empty() ? std::nullopt : std::optional(history.baseline(infos.back().name));
}

// As if the snapshot that shows the state at that time had been reported.
AlertBase base_since(History& history, const schema::TimeSpec& since) {
  const schema::Seq seq = history.resolve(since, schema::Side::StateAt, "alerting since");
  return {AlertBase::Kind::Follows, seq, seq, false};
}

// What an earlier alert reported of this database, or nothing.
struct Memory {
  std::unique_ptr<AlertStore> store;  // null: it is not to be changed, or cannot be
  ReadState read;
  std::optional<Error> failure;  // nothing can be kept
};

Memory open_memory(const AlertOptions& options, const std::string& database) {
  Memory memory;
  if (options.since) {
    return memory;
  }
  const std::string path = find_alert_state(options.state, database);
  if (!options.dry_run) {
    try {
      memory.store = std::make_unique<AlertStore>(path, database);
    } catch (const Error& error) {
      memory.failure = error;
    }
  }
  memory.read = read_alert_state(path);
  return memory;
}

class AlertRun {
 public:
  AlertRun(const GlobalOptions& global, const AlertOptions& options)
      : global_(global),
        options_(options),
        format_(choose_format(global, options)),
        least_(choose_word("--severity", options.severity, kAlertSeverityWords)),
        now_(read_clock()),
        since_(read_time(global, options.since, now_, schema::Edge::Begin)),
        every_(read_interval("--expect-every", options.expect_every)) {
    require_sense(options, format_);
  }

  ExitCode run() {
    const RuleSources sources = read_rule_sources(options_.rules);
    const Policy policy = read_policy(options_.policy);
    const std::string database = find_database(global_);
    OpenedHistory opened = open_recorded(database);
    History& history = opened.history;
    const PortNames names = read_port_names();
    const auto baseline = choose_baseline(history, options_.baseline);
    Judge judge(
        history,
        sources.book,
        policy.acceptances,
        names,
        options_.baseline.empty() ? std::nullopt : std::optional(expected_at(*baseline, now_).set));
    const Moments moments = history.moments();
    Watch watch("reading history");
    const Messenger messenger(global_, options_, format_);
    const auto question_since = [&](const AlertBase& base) {
      return AlertQuestion{.history = history,
                           .moments = moments,
                           .base = base,
                           .policy = policy,
                           .baseline = baseline,
                           .now = now_,
                           .expect_every_us = every_,
                           .on_progress = watch.on_progress()};
    };
    if (format_ == AlertFormat::Metrics) {
      const AlertBase base;
      const AlertMetrics metrics = measure_latest(question_since(base), judge);
      watch.clear();
      messenger.put(write_alert_metrics(metrics), database);
      return ExitCode::Clean;
    }
    Memory memory = open_memory(options_, database);
    const AlertState* state = memory.read.state ? &*memory.read.state : nullptr;
    const std::string archive = read_archive(history);
    const AlertBase base =
        since_ ? base_since(history, *since_) : find_alert_base(state, archive, moments);
    const AlertMaterial material = read_alert_material(question_since(base), judge);
    watch.clear();
    std::vector<Error> problems = sources.problems;
    const auto unknown = unknown_rules(policy, sources.book);
    problems.insert(problems.end(), unknown.begin(), unknown.end());
    const Alert alert = find_news({.archive = archive,
                                   .moments = moments,
                                   .services = material.services,
                                   .gaps = material.gaps,
                                   .events = material.events,
                                   .missed = material.missed,
                                   .findings = material.findings,
                                   .seen = material.seen,
                                   .failures = material.failures,
                                   .problems = problems,
                                   .book = policy.entries.empty() ? nullptr : &material.book,
                                   .scheduled = every_.has_value(),
                                   .least = least_,
                                   .damage = memory.read.damage},
                                  base,
                                  state);
    const schema::Seq last = moments[moments.size() - 1].seq;
    const schema::SnapshotInfo latest = history.info(last);
    const AlertInput input{
        .latest = latest,
        .present = material.present,
        .snapshots =
            {base.reported_up_to < last
                 ? moments[moments.at_or_after(schema::Seq(base.reported_up_to.value() + 1))].seq
                 : last,
             last},
        .since = base.reported_up_to,
        .items = alert.items,
        .less_weight = alert.less_weight,
        .anew = base.anew,
        .command = command_for(global_),
        .note = material.note,
        .names = names};
    return tell(messenger, input, alert, memory, database);
  }

 private:
  // It counts as reported when it was delivered, and not before.
  static ExitCode tell(const Messenger& messenger,
                       const AlertInput& input,
                       const Alert& alert,
                       Memory& memory,
                       const std::string& database) {
    const bool news = input.anew || !alert.items.empty();
    if (memory.store) {
      try {
        memory.store->prepare(alert.next);
      } catch (const Error& error) {
        memory.failure = Error(ExitCode::Unusable, error.message(), AlertStore::hint());
      }
    }
    if (news) {
      messenger.tell(input, database);
    }
    if (memory.failure) {
      throw Error(*memory.failure);
    }
    if (memory.store) {
      memory.store->commit();
    }
    return news ? ExitCode::Findings : ExitCode::Clean;
  }

  const GlobalOptions& global_;
  const AlertOptions& options_;
  AlertFormat format_;
  Severity least_;
  schema::WallTime now_;
  std::optional<schema::TimeSpec> since_;
  std::optional<std::int64_t> every_;
};

}  // namespace

Action add_alert(schema::Command program) {
  const auto options = std::make_shared<AlertOptions>();
  const schema::Command alert =
      program.add_command("alert", "everything new since the last alert, once");
  alert.add_option("--format",
                   options->format,
                   "WORD",
                   "text, json, jsonl, csv, mail, journal, metrics or webhook");
  alert.add_option("--to", options->to, "ADDRESS", "of a mail; default: root");
  alert.add_option(
      "-o,--output", options->output, "FILE", "written as a whole; default: standard output");
  alert.add_option("--severity",
                   options->severity,
                   "WORD",
                   "what counts: info, low, medium, high or critical and above; default: medium");
  const schema::Option state = alert.add_option(
      "--state", options->state, "FILE", "what was told; default: one for each database");
  alert.add_flag("--dry-run,--peek", options->dry_run, "nothing counts as told");
  alert
      .add_option(
          "--since", options->since, "T", "told or not, from this time on; nothing counts as told")
      .excludes(state);
  add_expect_every(alert, options->expect_every);
  alert.add_option("--policy",
                   options->policy,
                   "FILE",
                   "what is approved; default: /etc/sockwitness/policy.toml where it is there");
  alert.add_option("--baseline",
                   options->baseline,
                   "NAME",
                   "what is expected where: other owners of its ports are findings");
  alert.add_option("--rules",
                   options->rules,
                   "DIR",
                   "a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  alert.set_footer(std::string(schema::time_grammar()) + "\n\n" + kExamples);
  return [options](const GlobalOptions& global) { return AlertRun(global, *options).run(); };
}

}  // namespace sockwitness::query
