#include "recorder/app/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "recorder/app/baseline_words.h"
#include "recorder/app/retention_words.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/program/grammar.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kCommandLineExamples =
    "examples:\n"
    "  sockwitness-recorder snapshot                   records this host now, prints one line\n"
    "  sockwitness-recorder snapshot --quiet           for cron: silent unless something is wrong\n"
    "  sockwitness-recorder snapshot --note 'before the upgrade'\n"
    "  sockwitness-recorder setup                      begins to record this host every five "
    "minutes\n"
    "  sockwitness-recorder loop --every 1m            records until SIGTERM; for units and "
    "containers\n"
    "  sockwitness-recorder baseline add gold          what the latest snapshot has is expected\n"
    "  sockwitness-recorder baseline accept gold tcp/8080 --reason 'new shop, OPS-1412'\n"
    "  sockwitness-recorder prune --keep 400d          removes what is older, as a record\n"
    "  sockwitness-recorder keys > enrolment.txt       keep it elsewhere, for sockwitness verify\n"
    "\n"
    "  */5 * * * *  root  sockwitness-recorder snapshot --quiet      a line for /etc/cron.d\n"
    "\n"
    "then ask: sockwitness show -l, sockwitness diff, sockwitness snapshots\n"
    "\n"
    "what is recorded: every socket, process and network namespace, but for the recorder's own "
    "sockets\n"
    "\n"
    "database: --db, else SOCKWITNESS_DB, else /var/lib/sockwitness/witness.db as root and\n"
    "          ~/.local/state/sockwitness/witness.db otherwise\n"
    "exit codes: 0 recorded, 2 usage, 3 could not record, 4 incomplete or skipped under --strict,\n"
    "            130 interrupted\n";

constexpr const char* kMaskHelp =
    "rules for secrets among arguments, or off; default: /etc/sockwitness/mask beside the usual "
    "ones";

constexpr const char* kSetupExamples =
    "examples:\n"
    "  sockwitness-recorder setup --dry-run            what would be done\n"
    "  sockwitness-recorder setup                      does it; once more, it changes nothing\n"
    "  sockwitness-recorder setup --undo               records no more; keeps what was recorded\n"
    "\n"
    "exit codes: 0 done, 2 usage, 3 something could not be made\n";

}  // namespace

std::optional<std::chrono::milliseconds> parse_interval(std::string_view text) {
  using std::chrono::milliseconds;
  const auto number = schema::scan_number<std::int64_t>(text);
  constexpr std::int64_t kMost = 7LL * 86'400'000;
  if (!number || *number <= 0 || *number > kMost) {
    return std::nullopt;
  }
  std::int64_t unit = 0;
  if (text == "ms") {
    unit = 1;
  } else if (text == "s") {
    unit = 1000;
  } else if (text == "m") {
    unit = 60'000;
  } else if (text == "h") {
    unit = 3'600'000;
  } else if (text == "d") {
    unit = 86'400'000;
  }
  const std::int64_t interval = *number * unit;
  constexpr std::int64_t kLeast = 100;
  if (interval < kLeast || interval > kMost) {
    return std::nullopt;
  }
  return milliseconds(interval);
}

namespace {

// The grammar, and where its words land.
struct Language {
  schema::Grammar grammar{"sockwitness-recorder",
                          "sockwitness-recorder: records every socket and process of this host"};
  std::string database;
  BaselineOptions baseline;
  SnapshotOptions snapshot;
  LoopOptions loop;
  PruneOptions prune;
  HoldOptions hold;
  SetupOptions setup;
  std::string every = "1m";
  bool version = false;
};

struct Handles {
  schema::Option place;
  schema::Command baseline;
  schema::Command hold;
};

Handles fill(Language& language) {
  const schema::Command program = language.grammar.program();
  program.set_footer(kCommandLineExamples);
  const schema::Option place =
      program.add_option("--db", language.database, "PATH", "the database");
  program.add_flag("-V,--version", language.version, "print the version");
  SnapshotOptions& snapshot = language.snapshot;
  const schema::Command take =
      program.add_command("snapshot", "record one snapshot, print one line");
  take.add_flag("-q,--quiet", snapshot.quiet, "print nothing when all went well; for cron");
  take.add_flag(
      "--strict", snapshot.strict, "exit 4 when the snapshot is incomplete or was skipped");
  take.add_flag("--print-anchor",
                snapshot.print_anchor,
                "print the anchor of each record, also when quiet; keep it elsewhere");
  take.add_option("--mask", snapshot.mask, "FILE", kMaskHelp);
  take.add_option("--note", snapshot.note, "TEXT", "words to keep with the snapshot");
  const schema::Command keep =
      program.add_command("loop", "keep recording in the foreground until SIGTERM");
  keep.add_option("--every",
                  language.every,
                  "D",
                  "30s, 1m, 1h; counted from the start, without drift; default 1m");
  keep.add_option("--mask", language.loop.mask, "FILE", kMaskHelp);
  keep.add_flag("-q,--quiet", language.loop.quiet, "print nothing when all goes well");
  const schema::Command baseline = add_baseline(program, language.baseline);
  const RetentionCommands retention = add_retention(program, language.prune, language.hold);
  program.add_command("keys", "print the keys that verify the chain, to be kept elsewhere");
  const schema::Command begin =
      program.add_command("setup", "begin to record this host: folder, timer or cron, baseline");
  begin.add_flag("--dry-run", language.setup.dry_run, "say what would be done, and do nothing");
  begin.add_flag("--undo", language.setup.undo, "take it back; what was recorded stays");
  begin.set_footer(kSetupExamples);
  return {place, baseline, retention.hold};
}

}  // namespace

schema::CommandText describe_command_line() {
  Language language;
  static_cast<void>(fill(language));
  return language.grammar.describe();
}

CommandLine parse_command_line(std::span<char*> arguments) {
  CommandLine line;
  Language language;
  const auto [place, name, hold] = fill(language);
  const schema::Reading reading = language.grammar.read(arguments);
  line.database = language.database;
  if (reading.help) {
    line.command = Printed{*reading.help};
    return line;
  }
  if (language.version) {
    line.command = Printed{"sockwitness-recorder " SOCKWITNESS_VERSION "\n"};
    return line;
  }
  if (place.was_given() && line.database.empty()) {
    throw Error(ExitCode::Usage,
                "reading --db '': no path",
                "name the database, or leave --db out for the usual place");
  }
  const auto& chosen = reading.commands;
  if (chosen.size() != 1) {
    throw Error(ExitCode::Usage,
                chosen.empty() ? "reading the command line: no command"
                               : "reading the command line: two commands",
                "try: sockwitness-recorder snapshot, or sockwitness-recorder --help");
  }
  if (chosen.front() == "loop") {
    const auto interval = parse_interval(language.every);
    if (!interval) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --every '{}': not an interval", language.every),
                  "give a number and ms, s, m, h or d, from 100ms to 7d: --every 5m");
    }
    language.loop.every = *interval;
    line.command = language.loop;
  } else if (chosen.front() == "keys") {
    line.command = KeysOptions{};
  } else if (chosen.front() == "baseline") {
    if (reading.acts.empty()) {
      throw Error(ExitCode::Usage,
                  "reading the command line: baseline alone says nothing",
                  fmt::format("say one of: {}", fmt::join(name.command_names(), ", ")));
    }
    line.command = language.baseline;
  } else if (chosen.front() == "hold") {
    if (reading.acts.empty()) {
      throw Error(ExitCode::Usage,
                  "reading the command line: hold alone says nothing",
                  fmt::format("say one of: {}", fmt::join(hold.command_names(), ", ")));
    }
    line.command = language.hold;
  } else if (chosen.front() == "prune") {
    line.command = language.prune;
  } else if (chosen.front() == "setup") {
    line.command = language.setup;
  } else {
    line.command = language.snapshot;
  }
  return line;
}

}  // namespace sockwitness::recorder
