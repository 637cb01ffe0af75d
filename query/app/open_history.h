// The recorded history, opened for one answer.
//
// In:    the path of a database.
// Out:   the history; a line on standard error when it is not the file itself that answers.
// Never: changes anything.
#pragma once

#include <string>

#include "query/read/history.h"

namespace sockwitness::query {

[[nodiscard]] History open_history(const std::string& path);

}  // namespace sockwitness::query
