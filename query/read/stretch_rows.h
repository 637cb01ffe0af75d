// The rows of a table that any snapshot of a stretch saw.
//
// In:    an open database, a table, the stretch.
// Out:   ascending ids. The cost depends on the stretch, not on the history.
// Never: reads the rows themselves.
#pragma once

#include <vector>

#include "schema/disk/living.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<schema::RowId> read_stretch_rows(schema::Database& database,
                                                           schema::Entity entity,
                                                           schema::SeqRange stretch);

}  // namespace sockwitness::query
