// The commands: each opens the database, asks, and answers.
//
// In:    options.
// Out:   an answer on standard output, and the exit code.
// Never: changes a byte of the database; failures are schema::Error.
#pragma once

#include "query/app/options.h"
#include "schema/base/error.h"

namespace sockwitness::query {

[[nodiscard]] schema::ExitCode run_show(const GlobalOptions& global, const ShowOptions& options);
[[nodiscard]] schema::ExitCode run_diff(const GlobalOptions& global, const DiffOptions& options);
[[nodiscard]] schema::ExitCode run_snapshots(const GlobalOptions& global);

}  // namespace sockwitness::query
