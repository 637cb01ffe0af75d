// Which rows of a table a snapshot shows: the key frame at or before it, and the differences
// since.
//
// In:    an open database, a table, the number of a snapshot.
// Out:   ascending row ids. The cost does not depend on the length of the history.
// Never: reads the rows themselves.
#pragma once

#include <vector>

#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/model/ids.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {

class Database;

// The empty set for a snapshot before the first. Throws Error on damage.
[[nodiscard]] std::vector<RowId> read_living(Database& database, Entity entity, Seq seq);

// What an index says and what the rows say are two things.
[[noreturn]] void throw_index_differs(Entity entity);

// What the two above do where a number leads to rows that no file of this size can have.
[[noreturn]] void throw_impossible_rows();

// The snapshot before the one that no longer saw the row: for each of `ids`, which live at `seq`;
// ascending. `latest` for rows that live there.
[[nodiscard]] std::vector<Seq> read_last_seen(
    Database& database, Entity entity, const std::vector<RowId>& ids, Seq seq, Seq latest);

// The snapshots that rows began with; parallel to `ids`, whose order does not matter.
[[nodiscard]] std::vector<Seq> read_first_seen(Database& database,
                                               Entity entity,
                                               const std::vector<RowId>& ids);

// The snapshots that saw each row; parallel to `ids`, which are ascending. `latest` is the last
// snapshot of the history. Ranges in which none of them begins or ends are passed over.
[[nodiscard]] std::vector<SeqRange> read_seen_ranges(Database& database,
                                                     Entity entity,
                                                     const std::vector<RowId>& ids,
                                                     Seq latest);

// The highest id of a table at `seq`, 0 when it was empty.
[[nodiscard]] RowId read_last_id(Database& database, Entity entity, Seq seq);

}  // namespace sockwitness::schema
