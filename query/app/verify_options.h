// The options that name what was kept elsewhere: keys, anchors, time stamps.
//
// In:    a command's place in the grammar.
// Out:   its options, as typed.
// Never: reads the files.
#pragma once

#include <string>
#include <vector>

#include "query/verify/stamps.h"
#include "schema/program/grammar.h"

namespace sockwitness::query {

struct KeptElsewhere {
  std::vector<std::string> keys;
  std::vector<std::string> anchors;
  StampFiles stamps;
};

// `kept` must outlive the command.
void add_kept_elsewhere(schema::Command command, KeptElsewhere& kept);

}  // namespace sockwitness::query
