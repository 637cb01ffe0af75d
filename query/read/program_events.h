// Program files that became others: same path, same file system, other content.
//
// In:    an open history, a filter.
// Out:   events of the range, in order; only of files that some process ran.
// Never: a file of a container for that of the host, or a content that was not read.
#pragma once

#include <vector>

#include "query/analysis/filter.h"
#include "query/analysis/history/timeline_event.h"
#include "query/read/reading.h"

namespace sockwitness::query {

// Of the filter only the programs count.
[[nodiscard]] std::vector<TimelineEvent> read_program_events(const Reading& reading,
                                                             const Filter& filter);

}  // namespace sockwitness::query
