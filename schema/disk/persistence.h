// Which sockets of a snapshot were there before it, or stayed after it.
//
// In:    an open database, a snapshot as loaded from it.
// Out:   one value for each of its sockets; collect_services() judges UDP ports by it.
// Never: reads other snapshots: ids that rise with time are enough.
#pragma once

#include <vector>

#include "schema/disk/load_snapshot.h"
#include "schema/view/services.h"

namespace sockwitness::schema {

class Database;

// With `hindsight` a socket that only later snapshots have, too, stays as well: right for what a
// moment looks like now, wrong for what was known at that moment.
[[nodiscard]] std::vector<Persistence> read_persistence(Database& database,
                                                        const LoadedSnapshot& loaded,
                                                        bool hindsight);

}  // namespace sockwitness::schema
