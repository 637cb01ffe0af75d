// The grammar of the command line.
//
// In:    argv.
// Out:   what to do, and what holds for all commands.
// Never: lets an unknown word pass: usage errors name the nearest known one.
#pragma once

#include <span>

#include "query/app/command.h"

namespace sockwitness::query {

struct CommandLine {
  GlobalOptions global;
  Action action;  // help and version are actions, too
};

// Throws schema::Error with ExitCode::Usage.
[[nodiscard]] CommandLine parse_command_line(std::span<char*> arguments);

// What the help texts say, for pages and completions.
[[nodiscard]] schema::CommandText describe_command_line();

}  // namespace sockwitness::query
