// The database, opened for one run that writes.
//
// In:    its path, the lock that is held.
// Out:   the connection; what was found amiss is said on standard error and, when a run before
//        was cut off, noted for this one to record.
// Never: goes on when a journal would undo what the lock file says was committed.
#pragma once

#include <string>

#include "recorder/write/run_lock.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {

// Throws schema::Error.
[[nodiscard]] schema::Database open_for_run(const std::string& path, const RunLock& lock);

}  // namespace sockwitness::recorder
