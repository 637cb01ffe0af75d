// One command of the program: its words on the command line, and what it does.
//
// In:    a place in the grammar, where it adds its options.
// Out:   an action that holds the options as typed, carried out after the whole line was read.
// Never: touches a database, a clock or a terminal while the line is read.
#pragma once

#include <functional>

#include "query/app/options.h"
#include "schema/base/error.h"
#include "schema/program/grammar.h"

namespace sockwitness::query {

// Reads the words that the grammar left as text (a wrong one is a schema::Error with
// ExitCode::Usage), asks, answers on standard output.
using Action = std::function<schema::ExitCode(const GlobalOptions&)>;

// Each adds its subcommand. Listed in command_line.cpp.
[[nodiscard]] Action add_show(schema::Command program);
[[nodiscard]] Action add_snapshots(schema::Command program);
[[nodiscard]] Action add_status(schema::Command program);
[[nodiscard]] Action add_when(schema::Command program);
[[nodiscard]] Action add_timeline(schema::Command program);
[[nodiscard]] Action add_diff(schema::Command program);
[[nodiscard]] Action add_account(schema::Command program);
[[nodiscard]] Action add_check(schema::Command program);
[[nodiscard]] Action add_alert(schema::Command program);
[[nodiscard]] Action add_rules(schema::Command program);
[[nodiscard]] Action add_report(schema::Command program);
[[nodiscard]] Action add_export(schema::Command program);
[[nodiscard]] Action add_spool(schema::Command program);
[[nodiscard]] Action add_fleet(schema::Command program);
[[nodiscard]] Action add_seal(schema::Command program);
[[nodiscard]] Action add_verify(schema::Command program);

}  // namespace sockwitness::query
