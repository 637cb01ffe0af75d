// Snapshots that show a socket or process otherwise than the snapshot before.
//
// In:    its history, with its holders.
// Out:   the snapshots at which a version or a holder began or had ended, appended.
// Never: sorts, or drops duplicates.
#pragma once

#include <vector>

#include "query/read/version_reader.h"

namespace sockwitness::query {

void add_changes(const SocketHistory& thing,
                 VersionReader& reader,
                 std::vector<schema::Seq>& changes);
void add_changes(const ProcessHistory& thing, std::vector<schema::Seq>& changes);

// Ascending, each once, within the window but not its first snapshot.
void order_changes(std::vector<schema::Seq>& changes, schema::SeqRange window);

}  // namespace sockwitness::query
