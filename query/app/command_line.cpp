#include "query/app/command_line.h"

#include <unistd.h>

#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/app/words.h"
#include "query/terminal/sink.h"
#include "schema/base/suggest.h"
#include "schema/clock/time_spec.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kExamples =
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
    "  sockwitness snapshots                        what was recorded, and what was not\n"
    "  sockwitness report --since '30d ago' -o october.html   every change of a period, for "
    "auditors\n"
    "  sockwitness export --format jsonl -o all.jsonl         the record for other tools\n"
    "\n"
    "exit codes: 0 clean, 1 differences or findings, 2 usage, 3 database unusable\n";

constexpr std::array<std::pair<const char*, OutputFormat>, 4> kFormats{
    {{"text", OutputFormat::Text},
     {"json", OutputFormat::Json},
     {"jsonl", OutputFormat::JsonLines},
     {"csv", OutputFormat::Csv}}};
constexpr std::array<std::pair<const char*, ColourChoice>, 3> kColours{
    {{"auto", ColourChoice::Auto},
     {"always", ColourChoice::Always},
     {"never", ColourChoice::Never}}};

// In the order of the help text.
constexpr Action (*kCommands[])(CLI::App&) = {add_show,
                                              add_snapshots,
                                              add_when,
                                              add_timeline,
                                              add_diff,
                                              add_account,
                                              add_check,
                                              add_rules,
                                              add_report,
                                              add_export};

// Where the words land before they are understood.
struct Typed {
  GlobalOptions global;
  std::string format = "text";
  std::string colour = "auto";
  bool version = false;
};

void add_global(CLI::App& app, Typed& typed) {
  app.add_option("--db",
                 typed.global.database,
                 "the database; default: SOCKWITNESS_DB, then the usual place")
      ->type_name("PATH");
  app.add_option("--format", typed.format, "text, json, jsonl or csv")->type_name("WORD");
  app.add_flag("--utc", typed.global.utc, "read times on the command line as UTC");
  app.add_flag("--local", typed.global.local, "show times in the local zone instead of UTC");
  app.add_option("--color", typed.colour, "auto, always or never")->type_name("WORD");
  app.add_flag("--version", typed.version, "print the version");
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return names;
}

// Long names only: a wrong letter has no neighbour.
std::vector<std::string> known_options(const CLI::App& app) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
    }
  }
  return known;
}

// CLI11 says what it did not understand; which word it was, and its neighbour, is said here.
Error translate(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string help = chosen.empty()
                               ? "try: sockwitness --help"
                               : fmt::format("try: sockwitness {} --help", command.get_name());
  const auto rest = app.remaining(true);
  if (rest.empty()) {
    return {ExitCode::Usage, fmt::format("reading the command line: {}", error.what()), help};
  }
  const std::string word = rest.front();
  if (!word.starts_with('-')) {
    return chosen.empty()
               ? schema::unknown_word("the command", word, command_names(app))
               : Error(ExitCode::Usage, fmt::format("reading '{}': unexpected word", word), help);
  }
  auto known = known_options(command);
  if (!chosen.empty()) {
    const auto more = known_options(app);
    known.insert(known.end(), more.begin(), more.end());
  }
  const std::string nearest = schema::nearest_word(word.substr(0, word.find('=')), known);
  return {ExitCode::Usage,
          fmt::format("reading '{}': unknown option", word),
          nearest.empty() ? help : fmt::format("did you mean '{}'?", nearest)};
}

Action print(std::string text) {
  return [text = std::move(text)](const GlobalOptions&) {
    write_all(STDOUT_FILENO, text);
    return ExitCode::Clean;
  };
}

}  // namespace

CommandLine parse_command_line(std::span<char*> arguments) {
  Typed typed;
  CLI::App app("sockwitness: what every socket of a host was doing, at every snapshot",
               "sockwitness");
  app.fallthrough();
  app.footer(std::string(schema::time_grammar()) + "\n\n" + kExamples);
  add_global(app, typed);
  std::vector<Action> actions;  // parallel to the subcommands
  for (const auto& add : kCommands) {
    actions.push_back(add(app));
  }
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return {{}, print(app.help())};
  } catch (const CLI::ParseError& error) {
    throw translate(app, error);
  }
  if (typed.version) {
    return {{}, print("sockwitness " SOCKWITNESS_VERSION "\n")};
  }
  if (app.count("--db") > 0 && typed.global.database.empty()) {
    throw Error(ExitCode::Usage,
                "reading --db '': no path",
                "name the database, or leave --db out for the usual place");
  }
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) {
    throw Error(ExitCode::Usage, "reading the command line: no command", "try: sockwitness --help");
  }
  if (chosen.size() > 1) {
    throw Error(ExitCode::Usage,
                fmt::format("reading '{}': one command at a time", chosen[1]->get_name()),
                "try: sockwitness --help");
  }
  CommandLine line{std::move(typed.global), {}};
  line.global.format = choose_word("--format", typed.format, kFormats);
  line.global.colour = choose_word("--color", typed.colour, kColours);
  const auto all = app.get_subcommands({});
  const auto place = std::find(all.begin(), all.end(), chosen.front()) - all.begin();
  line.action = std::move(actions[static_cast<std::size_t>(place)]);
  return line;
}

}  // namespace sockwitness::query
