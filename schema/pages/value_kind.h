// What a shell can offer for the value of an option or for a positional word.
//
// In:    an option as the help text has it.
// Out:   a kind, and the words where the help lists them.
// Never: asks the database: the shell does, when it completes.
#pragma once

#include <string>
#include <vector>

#include "schema/program/command_text.h"

namespace sockwitness::schema {

enum class ValueKind { Nothing, Words, Time, File, Folder, Baseline, Rule };

struct OfferedValue {
  ValueKind kind = ValueKind::Nothing;
  std::vector<std::string> words;  // of Words
};

[[nodiscard]] OfferedValue offered_value(const OptionText& option);

// What the shells offer for a time: forms without blanks.
[[nodiscard]] const std::vector<std::string>& offered_times();

}  // namespace sockwitness::schema
