// What a command line of the recorder asks for, as values.
//
// In:    filled by the command line parser only.
// Out:   a command and what holds for all of them.
// Never: a global; each command is handed its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "recorder/app/retention_options.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct SnapshotOptions {
  bool quiet = false;   // print nothing when all went well
  bool strict = false;  // an incomplete or skipped snapshot is exit code 4
  std::string note;
  std::string mask;           // a file of rules; "off"; empty: the usual one
  bool print_anchor = false;  // the line that proves later what was recorded now
};

struct LoopOptions {
  std::chrono::milliseconds every{60'000};
  std::string mask;  // as of a snapshot
  bool quiet = false;
};

// What to do with baselines; times are as typed.
struct BaselineOptions {
  enum class Act { Add, List, Drop, Accept };

  Act act = Act::List;
  std::string name;
  std::string at;    // Add, Accept: one snapshot; empty for the latest
  std::string from;  // Add: a range
  std::string to;
  std::string least_share = "0";  // Add, with a range: "5%"
  std::string note;               // Add, Drop
  std::string thing;              // Accept: "tcp/8080"
  std::string reason;             // Accept
  std::string until;              // Accept; empty for without end
  bool utc = false;               // times on the command line are UTC
  schema::Uid user;               // who asks; the program may go on as another
};

struct SetupOptions {
  bool dry_run = false;
  bool undo = false;
  schema::Uid user;  // who asks; the program may go on as another
};

// Print the keys that verify the chain.
struct KeysOptions {};

// Text that was asked for: help or version.
struct Printed {
  std::string text;
};

struct CommandLine {
  std::string database;  // --db; empty for the usual place
  std::variant<Printed,
               SnapshotOptions,
               LoopOptions,
               BaselineOptions,
               PruneOptions,
               HoldOptions,
               SetupOptions,
               KeysOptions>
      command;
};

}  // namespace sockwitness::recorder
