// Snapshots that waited in spool files, written to the database in the order in which they were
// taken.
//
// In:    an open database, its spool, what was noted of runs that gave nothing.
// Out:   each as a snapshot of its own, with its own times and marked as deferred; a file goes once
//        its snapshot is committed.
// Never: writes one twice, out of order or into another database, or stops at a file that it
//        refuses.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recorder/write/spool.h"
#include "schema/disk/load_snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

struct RefusedSpool {
  std::uint32_t number = 0;
  std::string reason;
};

// Also where it ends early: what was done until then.
struct TakenIn {
  std::uint32_t snapshots = 0;
  std::size_t notes = 0;  // of missed runs, from the first on, recorded with them
  bool more = false;      // others wait still: there was enough for this time
  std::vector<RefusedSpool> refused;
  std::vector<std::string> complaints;
};

struct TakeInRequest {
  std::vector<schema::MissedRun> notes;
  std::string machine_id;  // of this host
  schema::WallTime now;
  std::function<bool()> enough = {};  // asked after each; a long queue is taken in by several runs
};

// `previous` is the last snapshot of the database; what it is afterwards is returned. Throws
// schema::Error when the database does not take one; it stays where it is.
[[nodiscard]] schema::LoadedSnapshot take_in(schema::Database& database,
                                             Spool& spool,
                                             schema::LoadedSnapshot previous,
                                             const TakeInRequest& request,
                                             TakenIn& taken);

}  // namespace sockwitness::recorder
