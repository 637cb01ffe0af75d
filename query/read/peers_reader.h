// Peers of listeners: connections whose local end is a place of an interval.
//
// In:    an open database, spans with their endpoints.
// Out:   the peers of each span, counted.
// Never: keeps connections in memory: they are counted one by one.
#pragma once

#include <vector>

#include "query/analysis/history/when.h"
#include "query/read/search.h"

namespace sockwitness::query {

class History;

// Adds to the spans' peers. `latest` is the last snapshot of the history.
void read_peers(History& history,
                schema::SeqRange range,
                schema::Seq latest,
                const OnProgress& on_progress,
                std::vector<WhenInterval>& spans);

}  // namespace sockwitness::query
