// The rows that say what a question is about: sockets, who held them, these processes.
//
// In:    a database, a snapshot, what the filter says of a socket by itself.
// Out:   names of rows that lived then, ascending.
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
