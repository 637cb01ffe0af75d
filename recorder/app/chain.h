// The chain of records, as a run uses it.
//
// In:    a database that was opened for a run.
// Out:   links of what it writes; anchors at once after the commit.
// Never: makes a run wait for a key that can be made beside other work.
#pragma once

#include <future>
#include <string>
#include <vector>

#include "schema/chain/anchor.h"
#include "schema/disk/database.h"

namespace sockwitness::recorder {

// From now on what is written to it gets links. Throws schema::Error.
void begin_chain(schema::Database& database);

// Makes the next key in a thread of its own. Precondition: begin_chain(); the database is not
// written to before get() returned, which throws what went wrong.
[[nodiscard]] std::future<void> prepare_key(schema::Database& database);

// What was committed since: to the log and to the file beside the database. Returns it.
std::vector<schema::Anchor> publish_anchors(schema::Database& database);

}  // namespace sockwitness::recorder
