// What commands share that add a record by hand.
//
// In:    the path of the database; a name that somebody gave.
// Out:   the recorder's lock, once no other run holds it.
// Never: waits for longer than a run takes.
#pragma once

#include <string>
#include <string_view>

#include "recorder/write/run_lock.h"

namespace sockwitness::recorder {

// Throws schema::Error when another run keeps it.
[[nodiscard]] RunLock wait_for_lock(const std::string& path);

// Letters, digits, '.', '_' and '-', at most 64. `what`: "a baseline". Throws schema::Error
// (Usage).
void require_name(const std::string& name, std::string_view what);

}  // namespace sockwitness::recorder
