// The commands of the recorder.
//
// In:    options and the place of the database.
// Out:   a snapshot on disk, one line on standard output, the exit code.
// Never: prints a line before the snapshot is safe on disk.
#pragma once

#include "recorder/app/options.h"
#include "recorder/app/record_run.h"
#include "schema/base/error.h"
#include "schema/program/place.h"

namespace sockwitness::recorder {

[[nodiscard]] schema::ExitCode run_snapshot(const schema::DatabasePlace& place,
                                            const SnapshotOptions& options);
[[nodiscard]] schema::ExitCode run_loop(const schema::DatabasePlace& place,
                                        const LoopOptions& options);
[[nodiscard]] schema::ExitCode run_baseline(const schema::DatabasePlace& place,
                                            const BaselineOptions& options);
[[nodiscard]] schema::ExitCode run_prune(const schema::DatabasePlace& place,
                                         const PruneOptions& options);
[[nodiscard]] schema::ExitCode run_hold(const schema::DatabasePlace& place,
                                        const HoldOptions& options);
// What verifies the chain, to be kept elsewhere.
[[nodiscard]] schema::ExitCode run_keys(const schema::DatabasePlace& place);
// In two steps: what root does on the host, and what is then recorded as the owner of the file.
void prepare_host(const schema::DatabasePlace& place, const SetupOptions& options);
[[nodiscard]] schema::ExitCode run_setup(const schema::DatabasePlace& place,
                                         const SetupOptions& options);

// "snapshot 42  2026-11-23T03:30:00Z  61 listening  312 connected  204 processes  +2 -1  11 ms"
[[nodiscard]] std::string summary_line(const WrittenSnapshot& written);
// What an incomplete snapshot misses and how to get it, one line; empty when it is complete.
[[nodiscard]] std::string missing_line(const std::vector<schema::Gap>& gaps);
// Tells it on standard error.
void tell_waiting(const std::vector<Hang>& hangs);
// What still waits for an answer, and since when, one line; empty when nothing does. `mountinfo`
// names the file systems.
[[nodiscard]] std::string waiting_line(const std::vector<Hang>& hangs, std::string_view mountinfo);
// That the snapshot waits, and for what; unless `quiet`, that others have waited and are recorded
// now.
void tell_deferred(const RunOutcome& outcome, bool quiet);
// Why there was no snapshot: another run is under way.
[[nodiscard]] std::string skipped_line(const RunOutcome& outcome);
// That other run has been under way for so long that somebody must look at it.
[[nodiscard]] bool is_overdue(const RunOutcome& outcome);

}  // namespace sockwitness::recorder
