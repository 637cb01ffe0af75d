// What a command line of the recorder asks for, as values.
//
// In:    filled by the command line parser only.
// Out:   a command and what holds for all of them.
// Never: a global; each command is handed its own.
#pragma once

#include <chrono>
#include <string>
#include <variant>

namespace sockwitness::recorder {

struct SnapshotOptions {
  bool quiet = false;   // print nothing when all went well
  bool strict = false;  // an incomplete or skipped snapshot is exit code 4
  std::string note;
};

struct LoopOptions {
  std::chrono::milliseconds every{60'000};
  bool quiet = false;
};

// Text that was asked for: help or version.
struct Printed {
  std::string text;
};

struct CommandLine {
  std::string database;  // --db; empty for the usual place
  std::variant<Printed, SnapshotOptions, LoopOptions> command;
};

}  // namespace sockwitness::recorder
