#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/thing.h"
#include "query/app/time_range.h"
#include "query/app/watch.h"
#include "query/report/answers/seal_report.h"
#include "query/seal/rows_of_thing.h"
#include "query/seal/seal.h"
#include "schema/base/scan.h"
#include "schema/disk/resolve.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kSealExamples =
    "examples:\n"
    "  sockwitness seal --since 'yesterday 00:00' --until 'yesterday 23:59' -o yesterday\n"
    "  sockwitness seal tcp/4444 --at 'today 03:10' -o who-listened\n"
    "  sockwitness seal --row process=4711 --row program=12 -o two-rows\n"
    "  sockwitness verify yesterday --key enrolment.txt     on any machine, without the database\n"
    "\n"
    "A range has all rows of its records, from the last full list of what lived (one in 256\n"
    "snapshots) on, and what they lead to from before; THING at a time has the sockets, their\n"
    "holders and these processes, --row the row itself. Rows that do not come with all of their\n"
    "record carry the proof that they are part of it. The links of all records are there, so that\n"
    "the first key vouches for them, and any anchor of a later record. Anchors beside the "
    "database\n"
    "and those of --anchors go into it. It is written only when it verifies.\n"
    "\n"
    "exit codes: 0 written, 2 usage, 3 database unusable or altered, 130 interrupted\n";

struct SealOptions {
  std::string thing;
  TimeRangeOptions period;
  std::optional<std::string> at;
  std::vector<std::string> rows;
  std::vector<std::string> anchors;
  std::string output;
};

RowName parse_row_name(const std::string& word) {
  const auto sign = word.find('=');
  const auto number =
      sign == std::string::npos
          ? std::nullopt
          : schema::parse_number<std::int64_t>(std::string_view(word).substr(sign + 1));
  if (!number || *number < 1 || sign == 0) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --row '{}': not a table and a number", word),
                "for example: --row socket=4711");
  }
  return {word.substr(0, sign), *number};
}

void require_one_question(const SealOptions& options) {
  if (options.output.empty()) {
    throw Error(
        ExitCode::Usage, "reading the command line: no folder to write to", "for example: -o DIR");
  }
  const bool range = options.period.since || options.period.until;
  const bool single = !options.thing.empty() || !options.rows.empty();
  if (range && (single || options.at)) {
    throw Error(ExitCode::Usage,
                "reading the command line: a range and single rows at once",
                "seal them one after the other");
  }
  if (options.at && options.thing.empty()) {
    throw Error(ExitCode::Usage,
                "reading --at: nothing that could have been there then",
                "for example: tcp/4444 --at 'today 03:10'");
  }
}

// What the row of a socket says by itself.
bool is_of_socket(const Filter& filter) {
  return filter.pids.empty() && filter.programs.empty() && filter.users.empty() &&
         filter.units.empty() && filter.containers.empty() && filter.namespaces.empty() &&
         filter.devices.empty() &&
         std::none_of(filter.endpoints.begin(), filter.endpoints.end(), [](const auto& endpoint) {
           return std::holds_alternative<schema::RpcPattern>(endpoint);
         });
}

std::vector<RowName> rows_at(const GlobalOptions& global,
                             const SealOptions& options,
                             const std::string& database,
                             schema::WallTime now) {
  Filter all;
  all.breadth = Breadth::All;
  const Thing thing = parse_thing(options.thing, all, read_port_names());
  if (!is_of_socket(thing.filter)) {
    throw Error(ExitCode::Usage,
                fmt::format("reading '{}': not an endpoint or an address", options.thing),
                "for example: tcp/4444; of a process: --row process=NUMBER");
  }
  const auto at = read_time(global, options.at, now, schema::Edge::Begin);
  OpenedHistory opened = open_recorded(database);
  const schema::Seq seq =
      at ? opened.history.resolve(*at, schema::Side::StateAt, "asking at") : opened.last();
  auto rows = find_rows_of(database, seq, thing.filter);
  if (rows.empty()) {
    throw Error(
        ExitCode::Usage,
        fmt::format("sealing '{}': snapshot #{} shows nothing of it", options.thing, seq.value()),
        "when it was there: sockwitness when " + options.thing);
  }
  return rows;
}

Range snapshots_of(const GlobalOptions& global,
                   const SealOptions& options,
                   const std::string& database,
                   schema::WallTime now) {
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::End);
  OpenedHistory opened = open_recorded(database);
  History& history = opened.history;
  const Moments moments = history.moments();
  const TimeRange period = choose_time_range(history, moments, since, until);
  return {period.snapshots.first.value(), period.snapshots.last.value()};
}

ExitCode run_seal(const GlobalOptions& global, const SealOptions& options) {
  require_one_question(options);
  const std::string database = find_database(global);
  const schema::WallTime now = read_clock();
  SealRequest request;
  request.database = database;
  request.folder = options.output;
  std::transform(
      options.rows.begin(), options.rows.end(), std::back_inserter(request.rows), parse_row_name);
  if (!options.thing.empty()) {
    const auto found = rows_at(global, options, database, now);
    request.rows.insert(request.rows.end(), found.begin(), found.end());
  }
  if (request.rows.empty()) {
    request.snapshots = snapshots_of(global, options, database, now);
  }
  std::sort(request.rows.begin(), request.rows.end());
  request.rows.erase(std::unique(request.rows.begin(), request.rows.end()), request.rows.end());
  for (const std::string& path : options.anchors) {
    request.anchors.add_file(path, KnownAnchors::Origin::Outside);
  }
  add_anchors_beside(database, options.anchors, request.anchors);
  Watch watch("sealing records");
  request.on_progress = watch.on_progress();
  const Sealed sealed = seal(request);
  watch.clear();
  write_answer(
      global,
      [&] { return build_seal(sealed, options.output); },
      [&] { return lay_out_seal(sealed, options.output); });
  return ExitCode::Clean;
}

}  // namespace

Action add_seal(schema::Command program) {
  const auto options = std::make_shared<SealOptions>();
  const schema::Command seal = program.add_command(
      "seal", "a range or single rows, with the proof that they are as they were recorded");
  seal.add_option("thing", options->thing, "THING", "an endpoint or address that was there");
  add_time_range(seal, options->period);
  seal.add_option("--at", options->at, "T", "when THING was there; default: the last snapshot");
  seal.add_list("--row", options->rows, "ROW", "a row as TABLE=N, by its number").one_word_each();
  seal.add_list("--anchors", options->anchors, "FILE", "anchors that were kept elsewhere");
  seal.add_option("-o,--output", options->output, "DIR", "a new folder");
  seal.set_footer(std::string(schema::time_grammar()) + "\n\n" + kSealExamples);
  return [options](const GlobalOptions& global) { return run_seal(global, *options); };
}

}  // namespace sockwitness::query
