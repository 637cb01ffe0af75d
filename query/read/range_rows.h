// The rows of a table that any snapshot of a range shows.
//
// In:    an open database, a table, the range.
// Out:   ascending ids. The cost depends on the range, not on the history.
// Never: reads the rows themselves.
#pragma once

#include <vector>

#include "schema/disk/living.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<schema::RowId> read_range_rows(schema::Database& database,
                                                         schema::Entity entity,
                                                         schema::SeqRange range);

}  // namespace sockwitness::query
