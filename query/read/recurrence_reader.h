// Reads from history whether endpoints were served before, and how often they came and went.
//
// In:    an open history, endpoints of internet sockets.
// Out:   a Recurrence for each that history knows, and for what came and went between the sides.
// Never: scans the sockets: what listens has an index of its own, and only endpoints with several
//        histories are read in full.
#pragma once

#include <vector>

#include "query/analysis/history/recurrence.h"
#include "query/read/history.h"

namespace sockwitness::query {

struct RecurrenceRequest {
  std::vector<RecurrenceCandidate> candidates;
  schema::Seq earlier;            // the earlier side, which did not see what is new
  schema::Seq later;              // the last snapshot that counts
  const schema::ServiceSet& now;  // the later side
};

// Ascending by endpoint.
[[nodiscard]] std::vector<Recurrence> read_recurrences(History& history,
                                                       const RecurrenceRequest& request);

}  // namespace sockwitness::query
