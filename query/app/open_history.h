// The recorded history, opened for one answer.
//
// In:    the path of a database.
// Out:   the history; a line on standard error when it is not the file itself that answers.
// Never: changes anything.
#pragma once

#include <string>

#include "query/read/history.h"
#include "schema/base/error.h"

namespace sockwitness::query {

[[nodiscard]] History open_history(const std::string& path);
// One with a snapshot at least: throws no_snapshots() where there is none.
[[nodiscard]] History open_recorded(const std::string& path);

// The hint names the command that records the first one.
[[nodiscard]] schema::Error no_snapshots(const std::string& database);

}  // namespace sockwitness::query
