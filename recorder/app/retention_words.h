// The words of prune and hold on a command line.
//
// In:    the program's grammar, where the words land.
// Out:   its commands.
// Never: understands a word.
#pragma once

#include "recorder/app/retention_options.h"
#include "schema/program/grammar.h"

namespace sockwitness::recorder {

struct RetentionCommands {
  schema::Command hold;
};

RetentionCommands add_retention(schema::Command program, PruneOptions& prune, HoldOptions& hold);

}  // namespace sockwitness::recorder
