// Holds: what no prune removes.
//
// In:    an open database, a name, a range of snapshots, a reason, who asks.
// Out:   a record of the chain.
// Never: two that hold under one name.
#pragma once

#include "schema/disk/database.h"
#include "schema/model/retention.h"

namespace sockwitness::recorder {

// `hold`: all but its record. Throws Error (Usage) when one of that name holds.
void write_hold(schema::Database& database, const schema::Hold& hold);
// Throws Error (Usage) that names the nearest one when none of that name holds.
void write_hold_end(schema::Database& database,
                    const std::string& name,
                    const std::string& reason,
                    const schema::Author& author,
                    schema::WallTime now);

}  // namespace sockwitness::recorder
