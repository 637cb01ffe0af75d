// A finished snapshot that the database does not take now: it waits in a spool file.
//
// In:    the snapshot, what kept the database, the lock that is held.
// Out:   a synced file that the next run takes in, and what to say of it.
// Never: for a disk that is full or fails: what is written there would be no safer; opens the
//        database.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "recorder/write/run_lock.h"
#include "recorder/write/spool.h"
#include "recorder/write/take_in.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {

// Its code is that of a run that left its snapshot waiting: clean, or unusable where nothing will
// change by itself.
using Deferred = schema::Error;

// Locked by another program, or not writable.
[[nodiscard]] bool can_wait(const schema::DatabaseError& failure);

// How long to wait for other programs. Who has kept the database locked during the run before and
// does so still is not waited for as long again.
[[nodiscard]] std::chrono::milliseconds choose_patience(const std::string& database,
                                                        const Spool& spool);

// The failure with the name of who keeps the database locked. Precondition: it is closed.
[[nodiscard]] schema::Error name_holder(const std::string& database,
                                        const schema::DatabaseError& failure);

// What keeps the database, and what is to be done about it.
struct Obstacle {
  std::string reason;
  std::string hint;
  std::optional<schema::Pid> holder;  // who keeps it locked, if that can be told
  bool may_pass = false;              // by itself
};

// Precondition: the database is closed.
[[nodiscard]] Obstacle look_at_obstacle(const std::string& database,
                                        const schema::DatabaseError& failure);

struct DeferRequest {
  std::string database;
  schema::Snapshot snapshot;
  std::string archive;                    // uuid of the database, empty where it is not known
  std::optional<schema::MissedRun> late;  // turns of a loop that were left out before it
};

// Throws schema::Error when the snapshot cannot be put aside.
[[nodiscard]] Deferred defer(DeferRequest request,
                             const Obstacle& obstacle,
                             const RunLock& lock,
                             Spool& spool);

// Says what was refused, notes it as missed and sets the files aside.
void settle_taken(const RunLock& lock, Spool& spool, const TakenIn& taken);

}  // namespace sockwitness::recorder
