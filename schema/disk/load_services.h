// The services of a recorded snapshot, with what the snapshots beside it show of them.
//
// In:    an open database, a snapshot as loaded from it.
// Out:   services; UDP ports judged by the snapshots around.
// Never: looks further than one snapshot to either side.
#pragma once

#include "schema/disk/load_snapshot.h"
#include "schema/model/service.h"

namespace sockwitness::schema {

class Database;

// `hindsight` as in stays.h.
[[nodiscard]] ServiceSet load_services(Database& database,
                                       const LoadedSnapshot& loaded,
                                       bool hindsight);

}  // namespace sockwitness::schema
