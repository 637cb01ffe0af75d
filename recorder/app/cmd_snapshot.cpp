#include <new>

#include "recorder/app/account.h"
#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "schema/program/held_signals.h"

namespace sockwitness::recorder {
namespace {

constexpr const char* kSnapshotRecorded = "the snapshot is recorded all the same";

schema::ExitCode report(const RunOutcome& outcome, const SnapshotOptions& options) {
  tell_deferred(outcome, options.quiet);
  if (outcome.deferred) {
    return outcome.deferred->code() == schema::ExitCode::Clean && options.strict
               ? schema::ExitCode::Incomplete
               : outcome.deferred->code();
  }
  if (!outcome.written) {
    if (!options.quiet || options.strict || is_overdue(outcome)) {
      tell(skipped_line(outcome));
    }
    return options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
  }
  for (const schema::Anchor& anchor : outcome.anchors) {
    if (options.print_anchor) {
      answer(schema::format_anchor(anchor) + '\n', kSnapshotRecorded);
    }
  }
  const bool complete = outcome.written->info.complete();
  if (!options.quiet) {
    answer(summary_line(*outcome.written), kSnapshotRecorded);
  }
  if (!complete && (!options.quiet || options.strict)) {
    tell(missing_line(outcome.gaps));
  }
  if (!outcome.hangs.empty() && (!options.quiet || options.strict)) {
    tell_waiting(outcome.hangs);
  }
  return !complete && options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
}

}  // namespace

schema::ExitCode run_snapshot(const schema::DatabasePlace& place, const SnapshotOptions& options) {
  const schema::HeldSignals held;
  const RunOutcome outcome = run_once({.database = place.path,
                                       .make_directory = place.usual,
                                       .note = options.note,
                                       .every = std::nullopt,
                                       .stop = &held,
                                       .mask = options.mask,
                                       .is_last = true});
  held.take_waiting();  // it came when the snapshot was as good as recorded
  try {
    return report(outcome, options);
  } catch (const std::bad_alloc&) {
    throw NotedOutOfMemory();  // how it went is settled
  }
}

}  // namespace sockwitness::recorder
