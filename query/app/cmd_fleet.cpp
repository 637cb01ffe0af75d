#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "query/app/command.h"
#include "query/fleet/question.h"
#include "query/report/answers/fleet_report.h"
#include "query/report/writers/text_writer.h"
#include "query/terminal/sink.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kFleetHelp =
    "Prints the SQL of a question to the engine in which the lines of `sockwitness spool` end, "
    "with\n"
    "what was typed in it, and sends nothing. `fleet` alone lists the questions; `fleet show` "
    "reads\n"
    "rows as JSON and lays them out.\n"
    "\n"
    "examples:\n"
    "  sockwitness fleet                                    what there is to ask\n"
    "  sockwitness fleet port 4444 --role web | clickhouse-client\n"
    "  sockwitness fleet port 4444 | clickhouse-client --format JSONEachRow | sockwitness fleet "
    "show\n"
    "  sockwitness fleet heads | clickhouse-client --format JSONEachRow > anchors\n"
    "\n"
    "exit codes: 0 answered, 2 usage, 3 what `show` read is no answer\n";

struct FleetOptions {
  std::vector<std::string> words;
  bool show = false;
  std::optional<std::string> role;
  std::optional<std::string> days;
  std::optional<std::string> hours;
  std::optional<std::string> share;
  std::optional<std::string> now;
};

std::string read_input() {
  constexpr std::size_t kMost = std::size_t{512} << 20;
  std::string text;
  std::string piece(std::size_t{64} << 10, '\0');
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size == 0) {
      return text;
    }
    if (size < 0 || text.size() > kMost) {
      throw Error(
          ExitCode::Unusable,
          fmt::format("reading the answer: {}",
                      size < 0 ? std::generic_category().message(errno) : "it is too long"),
          "sockwitness fleet QUESTION | clickhouse-client --format JSONEachRow | sockwitness fleet "
          "show");
    }
    text.append(piece, 0, static_cast<std::size_t>(size));
  }
}

void put(const GlobalOptions& global, const Page& page) {
  const Screen screen = read_screen(STDOUT_FILENO, global.colour);
  write_all(STDOUT_FILENO, write_text(page, {screen.colour, screen.width, !screen.utf8}));
}

const FleetQuestion& find_question(const std::string& name) {
  const auto& all = fleet_questions();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const FleetQuestion& each) { return each.name == name; });
  if (found != all.end()) {
    return *found;
  }
  std::vector<std::string> names{"show"};
  for (const FleetQuestion& each : all) {
    names.push_back(each.name);
  }
  const std::string nearest = schema::nearest_word(name, names);
  throw Error(
      ExitCode::Usage,
      fmt::format("asking '{}': there is no such question", name),
      nearest.empty() ? "try: sockwitness fleet" : fmt::format("did you mean '{}'?", nearest));
}

// What has to be said stands in its order, the rest has names.
ParameterWords read_words(const FleetQuestion& question, const FleetOptions& options) {
  ParameterWords words;
  std::size_t next = 1;
  for (const Parameter& parameter : question.parameters) {
    if (!parameter.usual && next < options.words.size()) {
      words[parameter.name] = options.words[next++];
    }
  }
  if (next < options.words.size()) {
    throw Error(
        ExitCode::Usage,
        fmt::format("asking '{}': '{}' is one word too many", question.name, options.words[next]),
        "sockwitness fleet lists the questions and what they ask for");
  }
  for (const auto& [name, word] : {std::pair("role", &options.role),
                                   std::pair("days", &options.days),
                                   std::pair("hours", &options.hours),
                                   std::pair("share", &options.share),
                                   std::pair("now", &options.now)}) {
    if (*word) {
      words[name] = **word;
    }
  }
  return words;
}

ExitCode run_fleet(const GlobalOptions& global, const FleetOptions& options) {
  if (options.show) {
    put(global, lay_out_fleet(parse_engine_rows(read_input())));
    return ExitCode::Clean;
  }
  if (options.words.empty()) {
    put(global, lay_out_questions(fleet_questions()));
    return ExitCode::Clean;
  }
  const FleetQuestion& question = find_question(options.words.front());
  write_all(STDOUT_FILENO, fill_question(question, read_words(question, options)));
  return ExitCode::Clean;
}

}  // namespace

Action add_fleet(schema::Command program) {
  const auto options = std::make_shared<FleetOptions>();
  const schema::Command command = program.add_command(
      "fleet", "the SQL of a question to a fleet's engine, and its answer laid out");
  command.add_list("question", options->words, "QUESTION", "its name, and what it is about");
  command.add_option("--role", options->role, "TEXT", "only hosts of this role");
  command.add_option("--days", options->days, "N", "in so many days");
  command.add_option("--hours", options->hours, "N", "for so many hours");
  command.add_option("--share", options->share, "N", "on at most so many of a hundred hosts");
  command.add_option("--now", options->now, "TIME", "look from this time, not from the engine's");
  const schema::Command show = command.add_command(
      "show", "lay out rows that the engine gave with --format JSONEachRow, from standard input");
  show.on_named([options] { options->show = true; });
  command.take_one_command();
  command.set_footer(kFleetHelp);
  return [options](const GlobalOptions& global) { return run_fleet(global, *options); };
}

}  // namespace sockwitness::query
