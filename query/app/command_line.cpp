#include "query/app/command_line.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "query/app/output.h"
#include "query/app/words.h"
#include "query/terminal/sink.h"
#include "schema/program/grammar.h"
#include "schema/program/time_spec.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kCommandLineExamples =
    "examples:\n"
    "  sockwitness show -l                          what listens, in the latest snapshot\n"
    "  sockwitness show --at 'yesterday 03:10'      the host as it was then\n"
    "  sockwitness show -t --remote 198.51.100.0/24 who talked to that network\n"
    "  sockwitness show -natup --layout netstat     in the shape that scripts know\n"
    "  sockwitness when tcp/4444                    since when, until when, whose, who connected\n"
    "  sockwitness timeline --since '2h ago'        what happened, in order\n"
    "  sockwitness diff                             what changed since the snapshot before\n"
    "  sockwitness account                          who accounts for every open port\n"
    "  sockwitness check                            what looks suspicious, and why\n"
    "  sockwitness alert                            for cron: everything new since the last one, "
    "once\n"
    "  sockwitness snapshots                        what was recorded, and what was not\n"
    "  sockwitness report --since '30d ago' -o october.html   every change of a period, for "
    "auditors\n"
    "  sockwitness export --format jsonl -o all.jsonl         the record for other tools\n"
    "  sockwitness seal --since '1d ago' -o evidence          a range that proves itself "
    "elsewhere\n"
    "  sockwitness verify --key enrolment.txt       is this evidence intact, and how do we know\n"
    "\n"
    "exit codes: 0 clean, 1 differences or findings, 2 usage, 3 database unusable\n";

constexpr std::array<std::pair<const char*, ColourChoice>, 3> kColours{
    {{"auto", ColourChoice::Auto},
     {"always", ColourChoice::Always},
     {"never", ColourChoice::Never}}};

// In the order of the help text.
constexpr Action (*kCommands[])(schema::Command) = {add_show,
                                                    add_snapshots,
                                                    add_status,
                                                    add_when,
                                                    add_timeline,
                                                    add_diff,
                                                    add_account,
                                                    add_check,
                                                    add_alert,
                                                    add_rules,
                                                    add_report,
                                                    add_export,
                                                    add_spool,
                                                    add_fleet,
                                                    add_seal,
                                                    add_verify};

// Where the words land before they are understood.
struct Typed {
  GlobalOptions global;
  std::string format = "text";
  std::string colour = "auto";
  bool json = false;
  bool version = false;
};

// The grammar, and where its words land.
struct Language {
  schema::Grammar grammar{"sockwitness",
                          "sockwitness: what every socket of a host was doing, at every snapshot"};
  Typed typed;
  std::vector<Action> actions;  // parallel to the names of the commands
};

// Returns the database's.
schema::Option add_global(schema::Command program, Typed& typed) {
  const schema::Option database =
      program.add_option("--db",
                         typed.global.database,
                         "PATH",
                         "the database; default: SOCKWITNESS_DB, then the usual place");
  program.add_option("--format", typed.format, "WORD", "text, json, jsonl or csv");
  program.add_flag("--utc", typed.global.utc, "read times on the command line as UTC");
  program.add_flag("--local", typed.global.local, "show times in the local zone instead of UTC");
  program.add_option("--color", typed.colour, "WORD", "auto, always or never");
  program.add_flag("--json", typed.json, "the same as --format json");
  program.add_flag("-V,--version", typed.version, "print the version");
  return database;
}

// Returns the option that names the database.
schema::Option fill(Language& language) {
  const schema::Command program = language.grammar.program();
  program.set_footer(std::string(schema::time_grammar()) + "\n\n" + kCommandLineExamples);
  const schema::Option database = add_global(program, language.typed);
  for (const auto& add : kCommands) {
    language.actions.push_back(add(program));
  }
  return database;
}

Action print(std::string text) {
  return [text = std::move(text)](const GlobalOptions&) {
    write_all(STDOUT_FILENO, text);
    return ExitCode::Clean;
  };
}

}  // namespace

CommandLine parse_command_line(std::span<char*> arguments) {
  Language language;
  const schema::Option database = fill(language);
  const schema::Command program = language.grammar.program();
  Typed& typed = language.typed;
  const schema::Reading reading = language.grammar.read(arguments);
  if (reading.help) {
    return {{}, print(*reading.help)};
  }
  if (typed.version) {
    return {{}, print("sockwitness " SOCKWITNESS_VERSION "\n")};
  }
  if (database.was_given() && typed.global.database.empty()) {
    throw Error(ExitCode::Usage,
                "reading --db '': no path",
                "name the database, or leave --db out for the usual place");
  }
  const auto& chosen = reading.commands;
  if (chosen.empty()) {
    throw Error(ExitCode::Usage, "reading the command line: no command", "try: sockwitness --help");
  }
  if (chosen.size() > 1) {
    throw Error(ExitCode::Usage,
                fmt::format("reading '{}': one command at a time", chosen[1]),
                "try: sockwitness --help");
  }
  CommandLine line{std::move(typed.global), {}};
  line.global.format = typed.json ? OutputFormat::Json : read_output_format(typed.format);
  line.global.colour = choose_word("--color", typed.colour, kColours);
  const auto names = program.command_names();
  const auto place = std::find(names.begin(), names.end(), chosen.front()) - names.begin();
  line.action = std::move(language.actions[static_cast<std::size_t>(place)]);
  return line;
}

schema::CommandText describe_command_line() {
  Language language;
  static_cast<void>(fill(language));
  return language.grammar.describe();
}

}  // namespace sockwitness::query
