#include <cstdio>

#include <fmt/format.h>

#include "recorder/app/commands.h"

namespace sockwitness::recorder {

schema::ExitCode run_snapshot(const schema::DatabasePlace& place, const SnapshotOptions& options) {
  Walker walker;
  const RunOutcome outcome =
      run_once({place.path, place.usual, options.note, 0, std::nullopt}, walker);
  if (!outcome.written) {
    if (!options.quiet || options.strict) {
      fmt::print(stderr,
                 "sockwitness-recorder: skipped: another run is recording to the same database\n");
    }
    return options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
  }
  const bool complete = outcome.written->info.complete();
  if (!options.quiet) {
    fmt::print("{}", summary_line(*outcome.written));
  }
  if (!complete && (!options.quiet || options.strict)) {
    fmt::print(stderr, "sockwitness-recorder: {}", missing_line(outcome.gaps));
  }
  return !complete && options.strict ? schema::ExitCode::Incomplete : schema::ExitCode::Clean;
}

}  // namespace sockwitness::recorder
