#include "query/app/command_line.h"

#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/app/time_spec.h"
#include "schema/base/suggest.h"

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
    "  sockwitness diff                             what changed since the snapshot before\n"
    "  sockwitness snapshots                        what was recorded, and what was not\n"
    "\n"
    "exit codes: 0 clean, 1 differences, 2 usage, 3 database unusable\n";

template <class Enum, std::size_t N>
Enum choose_word(std::string_view option,
                 const std::string& typed,
                 const std::array<std::pair<const char*, Enum>, N>& words) {
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    if (typed == word) {
      return value;
    }
    known.emplace_back(word);
  }
  throw schema::unknown_word(option, typed, known);
}

constexpr std::array<std::pair<const char*, OutputFormat>, 4> kFormats{
    {{"text", OutputFormat::Text},
     {"json", OutputFormat::Json},
     {"jsonl", OutputFormat::JsonLines},
     {"csv", OutputFormat::Csv}}};
constexpr std::array<std::pair<const char*, Layout>, 3> kLayouts{
    {{"wide", Layout::Wide}, {"netstat", Layout::Netstat}, {"ss", Layout::Ss}}};
constexpr std::array<std::pair<const char*, ColourChoice>, 3> kColours{
    {{"auto", ColourChoice::Auto},
     {"always", ColourChoice::Always},
     {"never", ColourChoice::Never}}};

// Where the words land before they are understood.
struct Typed {
  GlobalOptions global;
  ShowOptions show;
  DiffOptions diff;
  std::string at;
  std::string from;
  std::string to;
  std::string format = "text";
  std::string layout = "wide";
  std::string colour = "auto";
  bool ignored = false;
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

void add_list(CLI::App& app,
              const char* name,
              std::vector<std::string>& target,
              const char* help,
              const char* type) {
  app.add_option(name, target, help)
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_selection(CLI::App& app, Typed& typed) {
  SelectionOptions& select = typed.show.selection;
  app.add_flag("-a,--all", select.all, "all states, bound sockets that do nothing as well");
  app.add_flag("-l,--listening", select.listening, "listening sockets only");
  app.add_flag("-t,--tcp", select.tcp, "TCP");
  app.add_flag("-u,--udp", select.udp, "UDP");
  app.add_flag("-w,--raw", select.raw, "raw");
  app.add_flag("-x,--unix", select.unix_domain, "unix");
  app.add_flag("-4,--ipv4", select.only_v4, "IPv4 only");
  app.add_flag("-6,--ipv6", select.only_v6, "IPv6 only");
  add_list(app,
           "-A,--query",
           select.tables,
           "socket tables as in ss: all, inet, tcp, udp, packet, …",
           "LIST");
  add_list(app, "--state", select.states, "a state in netstat's or ss's words", "WORD");
  add_list(app, "--port", select.ports, "either end: 443, 8000-8099 or a name", "PORT");
  add_list(app, "--pid", select.pids, "held by this process", "PID");
  add_list(
      app, "--program", select.programs, "part of, or pattern for, name, path or script", "TEXT");
  add_list(app, "--user", select.users, "of this user, by name or number", "USER");
  add_list(app, "--unit", select.units, "held by this unit", "UNIT");
  add_list(app, "--container", select.containers, "held in this container", "ID");
  add_list(app, "--netns", select.namespaces, "in this network namespace", "LABEL");
  add_list(app,
           "--remote",
           select.remote,
           "other end: address or prefix, with or without :port",
           "ADDRESS");
  add_list(app,
           "--local-address",
           select.local,
           "own end: address or prefix, with or without :port",
           "ADDRESS");
}

CLI::App* add_show(CLI::App& app, Typed& typed) {
  CLI::App* show = app.add_subcommand("show", "the host at one time: sockets and their owners");
  show->add_option("--at", typed.at, "the snapshot at or before this time; default: the latest")
      ->type_name("T");
  add_selection(*show, typed);
  show->add_option("--layout", typed.layout, "wide, netstat or ss")->type_name("WORD");
  show->add_flag("-e,--extend", typed.show.extended, "more columns: uid, inode, cookie, direction");
  show->add_flag("--holders", typed.show.all_holders, "every process that holds a socket");
  show->add_flag("-n,--numeric", typed.ignored, "always on");
  show->add_flag("-p,--programs", typed.ignored, "always on");
  return show;
}

CLI::App* add_diff(CLI::App& app, Typed& typed) {
  CLI::App* diff = app.add_subcommand("diff", "what changed in what listens");
  diff->add_option("--from", typed.from, "the earlier snapshot; default: the one before the later")
      ->type_name("T");
  diff->add_option("--to", typed.to, "the later snapshot; default: the latest")->type_name("T");
  return diff;
}

const std::vector<std::string> kCommands{"show", "snapshots", "diff"};

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
               ? schema::unknown_word("the command", word, kCommands)
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

std::optional<std::string> if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

CommandLine understand(Typed&& typed, const CLI::App* command) {
  CommandLine line{std::move(typed.global), SnapshotsOptions{}};
  line.global.format = choose_word("--format", typed.format, kFormats);
  line.global.colour = choose_word("--color", typed.colour, kColours);
  if (command->get_name() == "show") {
    typed.show.at = if_given(typed.at);
    typed.show.layout = choose_word("--layout", typed.layout, kLayouts);
    line.command = std::move(typed.show);
  } else if (command->get_name() == "diff") {
    line.command = DiffOptions{if_given(typed.from), if_given(typed.to)};
  }
  return line;
}

}  // namespace

CommandLine parse_command_line(std::span<char*> arguments) {
  Typed typed;
  CLI::App app("sockwitness: what every socket of a host was doing, at every snapshot",
               "sockwitness");
  app.fallthrough();
  app.footer(std::string(time_grammar()) + "\n\n" + kExamples);
  add_global(app, typed);
  add_show(app, typed)->footer(std::string(time_grammar()) + "\n");
  add_diff(app, typed)->footer(std::string(time_grammar()) + "\n");
  app.add_subcommand("snapshots",
                     "what was recorded, when, how complete; what happened in between");
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return {{}, Printed{app.help()}};
  } catch (const CLI::ParseError& error) {
    throw translate(app, error);
  }
  if (typed.version) {
    return {{}, Printed{"sockwitness " SOCKWITNESS_VERSION "\n"}};
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
  return understand(std::move(typed), chosen.front());
}

}  // namespace sockwitness::query
