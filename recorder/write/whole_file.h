// What is done with a file as a whole when it is pruned.
//
// In:    an open database.
// Out:   settings of its connection, a copy in memory, the file without free pages.
// Never: changes a row.
#pragma once

#include <string>

#include "schema/disk/database.h"

namespace sockwitness::recorder {

// References are not looked up for each row that goes, and what goes is overwritten with zeros.
void begin_pruning(schema::Database& database);
// Nobody signs what is written there.
[[nodiscard]] schema::Database copy_to_memory(schema::Database& database);
// Takes as much room as the file and what is used of it. Why it could not be; empty: it was done.
[[nodiscard]] std::string write_anew(schema::Database& database);

}  // namespace sockwitness::recorder
