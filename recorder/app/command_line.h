// The grammar of the recorder's command line.
//
// In:    argv.
// Out:   options as values, or the text of help and version.
// Never: lets an unknown word pass: usage errors name the nearest known one.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "recorder/app/options.h"
#include "schema/program/command_text.h"

namespace sockwitness::recorder {

// Throws schema::Error with ExitCode::Usage.
[[nodiscard]] CommandLine parse_command_line(std::span<char*> arguments);

// What the help texts say, for pages and completions.
[[nodiscard]] schema::CommandText describe_command_line();

// "500ms", "30s", "5m", "1h", "1d"; at least 100 ms, at most 7 days.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_interval(std::string_view text);

}  // namespace sockwitness::recorder
