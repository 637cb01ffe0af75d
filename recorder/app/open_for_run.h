// The database, opened for one run that writes.
//
// In:    its path, the lock that is held.
// Out:   the connection; what was found amiss is said on standard error and, when a run before
//        was cut off, noted for this one to record.
// Never: goes on when a journal would undo what the lock file says was committed.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "recorder/write/run_lock.h"
#include "schema/chain/anchor.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {

// `patience`: with other programs that keep it locked. Throws schema::Error.
[[nodiscard]] schema::Database open_for_run(const std::string& path,
                                            const RunLock& lock,
                                            std::chrono::milliseconds patience);

// After the commit, and after `runs` of the notes were recorded with it. What cannot be brought up
// to date is told: what was committed is safe all the same. Returns the anchors of what was
// committed, which are published first.
std::vector<schema::Anchor> settle(const RunLock& lock,
                                   schema::Database& database,
                                   std::size_t runs);

}  // namespace sockwitness::recorder
