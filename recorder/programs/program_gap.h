// The gap that an error while looking into a program leaves: one table for the whole folder.
//
// In:    the program, and the errno of the call that failed.
// Out:   a gap that names the program's path.
// Never: decides whether the rest of the program is kept.
#pragma once

#include "schema/model/gap.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

// ESTALE stands for "it changed while it was read", EFBIG and E2BIG for a limit of the recorder.
[[nodiscard]] schema::Gap program_gap(const schema::Program& program, int number);

}  // namespace sockwitness::recorder
