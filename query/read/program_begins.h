// Files whose code a process was seen to run, each with the first snapshot that saw it.
//
// In:    an opened history, a range; the files that are known.
// Out:   those that are not, in the order in which they were seen; the known ones with them.
// Never: libraries that are only mapped.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "schema/model/program.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

struct ProgramBegin {
  std::int64_t row = 0;
  schema::Seq seq;
  bool script = false;  // it is run by an interpreter
  schema::Program program;
};

[[nodiscard]] std::vector<ProgramBegin> read_program_begins(History& history,
                                                            schema::SeqRange range,
                                                            std::set<std::int64_t>& known);

}  // namespace sockwitness::query
