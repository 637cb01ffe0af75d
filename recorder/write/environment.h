// By which program, under which settings and on which host records are written.
//
// In:    an open database; what its last row says.
// Out:   the row as it is now.
// Never: reads the program file anew that lies and changed as the row says.
#pragma once

#include <optional>

#include "schema/disk/link_row.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

[[nodiscard]] schema::EnvironmentRow read_environment(
    schema::Database& database, const std::optional<schema::KnownEnvironment>& known);

}  // namespace sockwitness::recorder
