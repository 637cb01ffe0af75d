#include <CLI/CLI.hpp>

#include "query/analysis/chronicle.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/output.h"
#include "query/read/history.h"
#include "query/report/snapshots_report.h"

namespace sockwitness::query {
namespace {

schema::ExitCode run_snapshots(const GlobalOptions& global) {
  const std::string database = find_database(global);
  History history = History::open(database);
  const std::vector<schema::SnapshotInfo> snapshots = history.snapshots();
  const std::vector<schema::MissedRun> missed = history.missed_runs();
  if (snapshots.empty() && missed.empty()) {
    throw no_snapshots(database);
  }
  std::vector<SnapshotGaps> gaps(snapshots.size());
  for (std::size_t at = 0; at < snapshots.size(); ++at) {
    if (!snapshots[at].complete()) {
      schema::Snapshot part = history.load_gaps(snapshots[at].seq);
      gaps[at] = {std::move(part.gaps), std::move(part.namespaces)};
    }
  }
  const auto events = build_chronicle(snapshots, missed);
  const SnapshotsInput input{snapshots, gaps, missed, events};
  write_answer(
      global,
      [&] { return build_snapshots(input); },
      [&] { return lay_out_snapshots(input, read_clock_face(global)); });
  return schema::ExitCode::Clean;
}

}  // namespace

Action add_snapshots(CLI::App& app) {
  app.add_subcommand("snapshots",
                     "what was recorded, when, how complete; what happened in between");
  return run_snapshots;
}

}  // namespace sockwitness::query
