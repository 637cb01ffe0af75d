// Snapshots that show something else of a life than the one before.
//
// In:    a life with its holders.
// Out:   the snapshots at which something of it began or had ended, appended.
// Never: sorts, or drops what is said twice.
#pragma once

#include <vector>

#include "query/read/version_reader.h"

namespace sockwitness::query {

void add_changes(const SocketHistory& life,
                 VersionReader& reader,
                 std::vector<schema::Seq>& changes);
void add_changes(const ProcessHistory& life, std::vector<schema::Seq>& changes);

// Ascending, each once, within the window but not its first snapshot.
void order_changes(std::vector<schema::Seq>& changes, schema::SeqRange window);

}  // namespace sockwitness::query
