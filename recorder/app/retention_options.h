// What a command line asks for about retention; times and sizes are as typed.
//
// In:    filled by the command line parser only.
// Out:   values.
// Never: a default of how long to keep.
#pragma once

#include <string>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct PruneOptions {
  std::string keep;               // "400d"; empty: by size alone
  std::string max_size;           // "2G"; empty: by age alone
  std::vector<std::string> thin;  // {"1h", "after", "30d"}, or as one word; empty: not at all
  bool dry_run = false;
  bool shrink = false;  // give the room that is freed back to the file system
  bool quiet = false;
  schema::Uid user;  // who asks; the program may go on as another
};

struct HoldOptions {
  enum class Act { Add, List, Remove };

  Act act = Act::List;
  std::string name;
  std::string from;    // Add
  std::string to;      // Add; empty for the latest
  std::string reason;  // Add, Remove
  bool utc = false;
  schema::Uid user;
};

}  // namespace sockwitness::recorder
