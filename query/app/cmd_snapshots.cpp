#include <memory>

#include <fmt/format.h>

#include "query/analysis/chronicle.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/read/history.h"
#include "query/read/surroundings.h"
#include "query/report/answers/snapshots_report.h"

namespace sockwitness::query {
namespace {

struct SnapshotsOptions {
  std::optional<std::string> expect_every;
};

std::vector<schema::Visibility> read_visibility(History& history,
                                                std::span<const schema::SnapshotInfo> snapshots) {
  std::vector<schema::Visibility> visibility(snapshots.size());
  if (snapshots.empty()) {
    return visibility;
  }
  const schema::SeqRange all{snapshots.front().seq, snapshots.back().seq};
  const Surroundings surroundings(history, all, all.last, Surroundings::Gaps::All);
  for (std::size_t at = 0; at < snapshots.size(); ++at) {
    if (!snapshots[at].complete()) {
      visibility[at] = surroundings.visibility(snapshots[at].seq);
    }
  }
  return visibility;
}

schema::ExitCode run_snapshots(const GlobalOptions& global, const SnapshotsOptions& options) {
  ChronicleOptions chronicle;
  chronicle.expect_every_us = read_interval("--expect-every", options.expect_every);
  if (chronicle.expect_every_us) {
    chronicle.until = read_clock();
  }
  const std::string database = find_database(global);
  History history = open_history(database);
  const std::vector<schema::SnapshotInfo> snapshots = history.snapshots();
  const std::vector<schema::MissedRun> missed = history.missed_runs();
  if (snapshots.empty() && missed.empty()) {
    throw no_snapshots(database);
  }
  const auto visibility = read_visibility(history, snapshots);
  auto events = build_chronicle(moments_of(snapshots), missed, chronicle);
  std::erase_if(events, [](const ChronicleEvent& event) {
    return event.kind == ChronicleKind::RecorderStarted;  // the first row says it
  });
  const SnapshotsInput input{snapshots, visibility, missed, events};
  write_answer(
      global,
      [&] { return build_snapshots(input); },
      [&] { return lay_out_snapshots(input, read_clock_face(global)); });
  return schema::ExitCode::Clean;
}

}  // namespace

Action add_snapshots(schema::Command program) {
  const auto options = std::make_shared<SnapshotsOptions>();
  const schema::Command snapshots = program.add_command(
      "snapshots", "what was recorded, when, how complete; what happened in between");
  add_expect_every(snapshots, options->expect_every);
  return [options](const GlobalOptions& global) { return run_snapshots(global, *options); };
}

}  // namespace sockwitness::query
