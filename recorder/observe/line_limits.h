// How much of long command lines a recorder keeps.
//
// In:    nothing: these are its limits, and the mark of what they left out.
// Out:   the same for whoever reads, collects and tests.
// Never: makes a line shorter without a gap that says so.
#pragma once

#include <cstddef>

#include "schema/model/gap.h"

namespace sockwitness::recorder {

// The longest line that is read. exec takes no more than 6 MiB of arguments and environment
// (fs/exec.c, bprm_stack_limits); a process may point its line elsewhere, and at more.
inline constexpr std::size_t kLongestLine = 8U << 20U;
// All lines of one snapshot that are longer than schema::kAlwaysWhole, together: in memory, and in
// every answer that has them.
inline constexpr std::size_t kLinesInMemory = 64U << 20U;
// In the file, what the lines of one snapshot may add to those of the one before: the longest call
// with the usual limits (2 MiB, a quarter of the stack) fits. The shorter ones come first.
inline constexpr std::size_t kNewLineBytes = 2U << 20U;

// Of a process whose command line is not whole.
[[nodiscard]] inline schema::Gap shortened_line_gap(schema::Pid pid) {
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessField;
  gap.reason = schema::GapReason::Truncated;
  gap.pid = pid;
  gap.object = schema::GapPart::CommandLine;
  return gap;
}

}  // namespace sockwitness::recorder
