#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/analysis/diff.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/output.h"
#include "query/read/history.h"
#include "query/report/diff_report.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;
using schema::Seq;

struct DiffOptions {
  std::optional<std::string> from;
  std::optional<std::string> to;
  bool all = false;
};

struct Ends {
  Seq from;
  Seq to;
};

// Pruning may have taken the number before, so the list decides.
Seq previous_of(History& history, Seq to) {
  const auto earlier = history.info(Seq(to.value() - 1))
                           ? history.snapshots(Seq(to.value() - 1), to)
                           : history.snapshots(*history.first(), to);
  if (earlier.size() < 2) {
    throw schema::Error(
        ExitCode::Usage,
        fmt::format("comparing snapshot '#{}': there is none before it", to.value()),
        "record another one with: sockwitness-recorder snapshot\n"
        "or name two of them: sockwitness diff --from '#1' --to '#2'");
  }
  return earlier[earlier.size() - 2].seq;
}

Ends choose_ends(History& history,
                 const std::optional<schema::TimeSpec>& from,
                 const std::optional<schema::TimeSpec>& to) {
  const Seq later = to ? choose_snapshot(history, "comparing", *to).seq : *history.last();
  return {from ? choose_snapshot(history, "comparing", *from).seq : previous_of(history, later),
          later};
}

ExitCode run_diff(const GlobalOptions& global, const DiffOptions& options) {
  const schema::WallTime now = read_clock();
  const auto from = read_time(global, options.from, now);
  const auto to = read_time(global, options.to, now);
  const std::string database = find_database(global);
  History history = History::open(database);
  if (!history.last()) {
    throw no_snapshots(database);
  }
  const Ends ends = choose_ends(history, from, to);
  const schema::ServiceSet before = history.services(ends.from, false);
  const schema::ServiceSet after = history.services(ends.to, true);
  const Diff diff = compare_services(before, after);
  const DiffInput input{{history.info(ends.from), std::nullopt, {}, false, before},
                        {history.info(ends.to), std::nullopt, {}, false, after},
                        diff,
                        options.all,
                        {}};
  const ClockFace clock = read_clock_face(global);
  write_answer(
      global, [&] { return build_diff(input); }, [&] { return lay_out_diff(input, clock); });
  const bool found = std::any_of(diff.changes.begin(), diff.changes.end(), [](const auto& change) {
    return change.severity > Severity::Info;
  });
  return found ? ExitCode::Findings : ExitCode::Clean;
}

}  // namespace

Action add_diff(CLI::App& app) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App* diff = app.add_subcommand("diff", "what changed in what listens");
  diff->add_option(
          "--from", options->from, "the earlier snapshot; default: the one before the later")
      ->type_name("T");
  diff->add_option("--to", options->to, "the later snapshot; default: the latest")->type_name("T");
  diff->add_flag(
      "--all", options->all, "changes of no weight as well: restarts, narrower reach, …");
  diff->footer(std::string(schema::time_grammar()) + "\n");
  return [options](const GlobalOptions& global) { return run_diff(global, *options); };
}

}  // namespace sockwitness::query
