// One command of the program: its words on the command line, and what it does.
//
// In:    a place in the grammar, where it adds its options.
// Out:   an action that holds the options as typed, carried out after the whole line was read.
// Never: touches a database, a clock or a terminal while the line is read.
#pragma once

#include <functional>

#include "query/app/options.h"
#include "schema/base/error.h"

namespace CLI {
class App;
}

namespace sockwitness::query {

// Reads the words that CLI11 left as text (a wrong one is a schema::Error with ExitCode::Usage),
// asks, answers on standard output.
using Action = std::function<schema::ExitCode(const GlobalOptions&)>;

// Each adds its subcommand; `app` is the program. Listed in command_line.cpp.
[[nodiscard]] Action add_show(CLI::App& app);
[[nodiscard]] Action add_snapshots(CLI::App& app);
[[nodiscard]] Action add_when(CLI::App& app);
[[nodiscard]] Action add_timeline(CLI::App& app);
[[nodiscard]] Action add_diff(CLI::App& app);
[[nodiscard]] Action add_account(CLI::App& app);
[[nodiscard]] Action add_check(CLI::App& app);
[[nodiscard]] Action add_rules(CLI::App& app);
[[nodiscard]] Action add_report(CLI::App& app);
[[nodiscard]] Action add_export(CLI::App& app);

}  // namespace sockwitness::query
