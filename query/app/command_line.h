// The grammar of the command line.
//
// In:    argv.
// Out:   options as values, or the text of help and version.
// Never: lets an unknown word pass: usage errors name the nearest known one.
#pragma once

#include <span>

#include "query/app/options.h"

namespace sockwitness::query {

// Throws schema::Error with ExitCode::Usage.
[[nodiscard]] CommandLine parse_command_line(std::span<char*> arguments);

}  // namespace sockwitness::query
