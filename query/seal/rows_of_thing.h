// The rows behind an answer: sockets, their holders, these processes.
//
// In:    a database, a snapshot, the part of the filter that concerns the socket alone.
// Out:   names of the rows that the snapshot shows, ascending.
// Never: judges a holder or a name.
#pragma once

#include <string>
#include <vector>

#include "query/analysis/filter.h"
#include "query/seal/manifest.h"
#include "schema/model/ids.h"

namespace sockwitness::query {

// Empty: nothing of it was there. Throws schema::Error (Unusable).
[[nodiscard]] std::vector<RowName> find_rows_of(const std::string& database,
                                                schema::Seq seq,
                                                const Filter& filter);

}  // namespace sockwitness::query
