#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "schema/base/held_signals.h"

namespace sockwitness::recorder {

schema::ExitCode run_snapshot(const schema::DatabasePlace& place, const SnapshotOptions& options) {
  const schema::HeldSignals held;
  const RunOutcome outcome =
      run_once({place.path, place.usual, options.note, 0, std::nullopt, &held});
  held.take_waiting();  // it came when the snapshot was as good as recorded
  if (!outcome.written) {
    if (!options.quiet || options.strict) {
      tell("skipped: another run is recording to the same database");
    }
    return options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
  }
  const bool complete = outcome.written->info.complete();
  if (!options.quiet) {
    answer(summary_line(*outcome.written), "the snapshot is recorded all the same");
  }
  if (!complete && (!options.quiet || options.strict)) {
    tell(missing_line(outcome.gaps));
  }
  if (!outcome.hangs.empty() && (!options.quiet || options.strict)) {
    tell_waiting(outcome.hangs);
  }
  return !complete && options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
}

}  // namespace sockwitness::recorder
