#include "recorder/app/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "recorder/app/baseline_words.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/base/suggest.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kExamples =
    "examples:\n"
    "  sockwitness-recorder snapshot                   records this host now, prints one line\n"
    "  sockwitness-recorder snapshot --quiet           for cron: silent unless something is wrong\n"
    "  sockwitness-recorder snapshot --note 'before the upgrade'\n"
    "  sockwitness-recorder loop --every 1m            records until SIGTERM; for units and "
    "containers\n"
    "  sockwitness-recorder baseline add gold          what the latest snapshot has is expected\n"
    "  sockwitness-recorder baseline accept gold tcp/8080 --reason 'new shop, OPS-1412'\n"
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

const std::vector<std::string> kCommands{"snapshot", "loop", "baseline"};

std::vector<std::string> long_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> names_of_acts(CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* act : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(act->get_name());
  }
  return names;
}

// CLI11 says what it did not understand; which word is near is said here.
Error translate(const CLI::App& app, const CLI::ParseError& failure) {
  const auto chosen = app.get_subcommands();
  const CLI::App& first = chosen.empty() ? app : *chosen.front();
  const auto inner = chosen.empty() ? chosen : first.get_subcommands();
  const CLI::App& command = inner.empty() ? first : *inner.front();
  const std::string help =
      chosen.empty() ? "try: sockwitness-recorder --help"
                     : fmt::format("try: sockwitness-recorder {} --help", first.get_name());
  const auto rest = app.remaining(true);
  if (rest.empty()) {
    return {ExitCode::Usage, fmt::format("reading the command line: {}", failure.what()), help};
  }
  const std::string& word = rest.front();
  if (!word.starts_with('-')) {
    const auto known = chosen.empty() ? kCommands : names_of_acts(*chosen.front());
    if (inner.empty() && !known.empty()) {
      return schema::unknown_word("the command", word, known);
    }
    return {ExitCode::Usage, fmt::format("reading '{}': unexpected word", word), help};
  }
  auto known = long_options(command);
  const auto global = long_options(app);
  known.insert(known.end(), global.begin(), global.end());
  const std::string nearest = schema::nearest_word(word.substr(0, word.find('=')), known);
  return {ExitCode::Usage,
          fmt::format("reading '{}': unknown option", word),
          nearest.empty() ? help : fmt::format("did you mean '{}'?", nearest)};
}

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

CommandLine parse_command_line(std::span<char*> arguments) {
  CommandLine line;
  BaselineOptions baseline;
  SnapshotOptions snapshot;
  LoopOptions loop;
  std::string every = "1m";
  bool version = false;

  CLI::App app("sockwitness-recorder: records every socket and process of this host",
               "sockwitness-recorder");
  app.fallthrough();
  app.footer(kExamples);
  const CLI::Option* place =
      app.add_option("--db", line.database, "the database")->type_name("PATH");
  app.add_flag("--version", version, "print the version");
  CLI::App* take = app.add_subcommand("snapshot", "record one snapshot, print one line");
  take->add_flag("-q,--quiet", snapshot.quiet, "print nothing when all went well; for cron");
  take->add_flag(
      "--strict", snapshot.strict, "exit 4 when the snapshot is incomplete or was skipped");
  take->add_option("--note", snapshot.note, "words to keep with the snapshot")->type_name("TEXT");
  CLI::App* keep = app.add_subcommand("loop", "keep recording in the foreground until SIGTERM");
  keep->add_option(
          "--every", every, "30s, 1m, 1h; counted from the start, without drift; default 1m")
      ->type_name("D");
  keep->add_flag("-q,--quiet", loop.quiet, "print nothing when all goes well");
  CLI::App* name = add_baseline(app, baseline);

  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    line.command = Printed{chosen.empty() ? app.help() : chosen.front()->help()};
    return line;
  } catch (const CLI::ParseError& failure) {
    throw translate(app, failure);
  }
  if (version) {
    line.command = Printed{"sockwitness-recorder " SOCKWITNESS_VERSION "\n"};
    return line;
  }
  if (place->count() > 0 && line.database.empty()) {
    throw Error(ExitCode::Usage,
                "reading --db '': no path",
                "name the database, or leave --db out for the usual place");
  }
  const auto chosen = app.get_subcommands();
  if (chosen.size() != 1) {
    throw Error(ExitCode::Usage,
                chosen.empty() ? "reading the command line: no command"
                               : "reading the command line: two commands",
                "try: sockwitness-recorder snapshot, or sockwitness-recorder --help");
  }
  if (chosen.front() == keep) {
    const auto interval = parse_interval(every);
    if (!interval) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --every '{}': not an interval", every),
                  "give a number and ms, s, m, h or d, from 100ms to 7d: --every 5m");
    }
    loop.every = *interval;
    line.command = loop;
  } else if (chosen.front() == name) {
    if (name->get_subcommands().empty()) {
      throw Error(ExitCode::Usage,
                  "reading the command line: baseline alone says nothing",
                  fmt::format("say one of: {}", fmt::join(names_of_acts(*name), ", ")));
    }
    line.command = baseline;
  } else {
    line.command = snapshot;
  }
  return line;
}

}  // namespace sockwitness::recorder
