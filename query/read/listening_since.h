// The first snapshot that shows a socket listening, where earlier ones show it bound.
//
// In:    a loaded snapshot, the rows of its sockets.
// Out:   by origin: for listeners whose state changed while they were recorded.
// Never: a listener whose first row listens already: it listens since it was first seen.
#pragma once

#include <unordered_map>

#include "schema/disk/load_snapshot.h"

namespace sockwitness::query {

// `latest` is the last snapshot of the history.
[[nodiscard]] std::unordered_map<schema::RowId, schema::Seq> find_listening_since(
    schema::Database& database,
    const schema::LoadedSnapshot& loaded,
    schema::Seq seq,
    schema::Seq latest);

}  // namespace sockwitness::query
