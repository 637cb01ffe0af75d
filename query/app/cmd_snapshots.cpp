#include <memory>

#include <fmt/format.h>

#include "query/analysis/history/chronicle.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/time_range.h"
#include "query/read/history.h"
#include "query/read/snapshot_contexts.h"
#include "query/report/answers/snapshots_report.h"

namespace sockwitness::query {
namespace {

constexpr const char* kSnapshotsExamples =
    "examples:\n"
    "  sockwitness snapshots --limit 10             the latest ten\n"
    "  sockwitness snapshots --since today          those of today, and the one before\n"
    "\n"
    "exit codes: 0 answered, 2 usage, 3 database unusable\n";

struct SnapshotsOptions {
  TimeRangeOptions period;
  std::size_t limit = 0;
  std::optional<std::string> expect_every;
  bool gaps = false;
};

std::vector<schema::Visibility> read_visibility(History& history,
                                                std::span<const schema::SnapshotInfo> snapshots) {
  std::vector<schema::Visibility> visibility(snapshots.size());
  if (snapshots.empty()) {
    return visibility;
  }
  const schema::SeqRange all{snapshots.front().seq, snapshots.back().seq};
  const SnapshotContexts contexts(history, all, all.last, SnapshotContexts::Gaps::All);
  for (std::size_t at = 0; at < snapshots.size(); ++at) {
    if (!snapshots[at].complete()) {
      visibility[at] = contexts.visibility(snapshots[at].seq);
    }
  }
  return visibility;
}

schema::SeqRange choose_range(const GlobalOptions& global,
                              const SnapshotsOptions& options,
                              History& history) {
  const schema::WallTime now = read_clock();
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::DayEnd);
  return choose_time_range(history, history.moments(), since, until).snapshots;
}

// Runs that gave no snapshot stand after the snapshot that they followed.
void keep_chosen(const SnapshotsOptions& options,
                 schema::SeqRange range,
                 std::vector<schema::SnapshotInfo>& snapshots,
                 std::vector<schema::MissedRun>& missed) {
  const bool from_begin = range.first == snapshots.front().seq;
  std::erase_if(snapshots, [&](const auto& each) { return !range.contains(each.seq); });
  bool whole = from_begin;
  if (options.limit > 0 && snapshots.size() > options.limit) {
    snapshots.erase(snapshots.begin(),
                    snapshots.end() - static_cast<std::ptrdiff_t>(options.limit));
    whole = false;
  }
  std::erase_if(missed, [&](const schema::MissedRun& run) {
    return run.after ? *run.after < snapshots.front().seq || snapshots.back().seq < *run.after
                     : !whole;
  });
}

schema::ExitCode run_snapshots(const GlobalOptions& global, const SnapshotsOptions& options) {
  ChronicleOptions chronicle;
  chronicle.expect_every_us = read_interval("--expect-every", options.expect_every);
  if (chronicle.expect_every_us) {
    chronicle.until = read_clock();
  }
  const std::string database = find_database(global);
  OpenedHistory opened = open_history(database);
  History& history = opened.history;
  std::vector<schema::SnapshotInfo> snapshots = history.snapshots();
  std::vector<schema::MissedRun> missed = history.missed_runs();
  if (snapshots.empty() && missed.empty()) {
    throw no_snapshots(database);
  }
  if (!snapshots.empty()) {
    keep_chosen(options, choose_range(global, options, history), snapshots, missed);
  }
  const auto visibility = read_visibility(history, snapshots);
  Moments moments = moments_of(snapshots);
  moments.set_pruned(opened.pruned);
  moments.set_thinned(opened.thinned);
  auto events = build_chronicle(moments, missed, chronicle);
  std::erase_if(events, [](const ChronicleEvent& event) {
    return event.kind == ChronicleKind::RecorderStarted;  // the first row says it
  });
  const SnapshotsInput input{snapshots, visibility, missed, events, options.gaps};
  write_answer(
      global,
      {opened.pruned, false, moments.thinned()},
      [&] { return build_snapshots(input); },
      [&] { return lay_out_snapshots(input, read_clock_face(global)); });
  return schema::ExitCode::Clean;
}

}  // namespace

Action add_snapshots(schema::Command program) {
  const auto options = std::make_shared<SnapshotsOptions>();
  const schema::Command snapshots = program.add_command(
      "snapshots", "what was recorded, when, how complete; what happened in between");
  add_time_range(snapshots, options->period);
  snapshots.add_option("--limit", options->limit, "N", "only the latest N of them");
  snapshots.add_flag("--gaps", options->gaps, "each gap in a line of its own");
  add_expect_every(snapshots, options->expect_every);
  snapshots.set_footer(std::string(schema::time_grammar()) + "\n\n" + kSnapshotsExamples);
  return [options](const GlobalOptions& global) { return run_snapshots(global, *options); };
}

}  // namespace sockwitness::query
