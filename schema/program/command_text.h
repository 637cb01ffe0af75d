// What a grammar says of itself, as values: for pages and completions that are made from it.
//
// In:    filled by Grammar::describe().
// Out:   commands, options and their help, as the help text has them.
// Never: a second list of options: there is one, and this is its copy.
#pragma once

#include <string>
#include <vector>

namespace sockwitness::schema {

struct OptionText {
  std::vector<std::string> names;  // "-q", "--quiet"; none for a positional word
  std::string word;                // a positional word as the usage has it: "THING"
  std::string value;               // what the help calls the value; empty for a flag
  std::string help;
  bool required = false;
  bool repeats = false;  // may be given several times
};

struct CommandText {
  std::string name;
  std::string help;
  std::string footer;
  std::vector<OptionText> options;  // in the order of the help text
  std::vector<CommandText> commands;
};

}  // namespace sockwitness::schema
