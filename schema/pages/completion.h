// Completions of a program's command line for three shells, from its one table of options.
//
// In:    what the help texts say; the program that lists baselines, and the one that lists rules.
// Out:   a script for each shell: it offers commands, options with their help, words that the help
//        lists, files, times; baselines and rules by asking the programs when they are completed.
// Never: an option that is not in the table.
#pragma once

#include <string>
#include <vector>

#include "schema/program/command_text.h"

namespace sockwitness::schema {

// A command with what may be typed after it: its options, and those of the commands above it.
struct CompletionPlace {
  std::string path;  // "rules show"; empty for the program
  const CommandText* command = nullptr;
  std::vector<OptionText> options;  // with names only
  std::vector<OptionText> words;    // positional ones
};

// All commands, the program first.
[[nodiscard]] std::vector<CompletionPlace> completion_places(const CommandText& program);

[[nodiscard]] std::string bash_completion(const CommandText& program);
[[nodiscard]] std::string zsh_completion(const CommandText& program);
[[nodiscard]] std::string fish_completion(const CommandText& program);

// "sockwitness_recorder": a name that every shell takes for a function's.
[[nodiscard]] std::string function_name(const CommandText& program);

}  // namespace sockwitness::schema
