// A snapshot rebuilt from the file: everything that was seen at that number, and which rows say so.
//
// In:    an open database and the number of a snapshot.
// Out:   the Snapshot as it was observed, with the row behind each value.
// Never: shows a row that had not begun or had ended, or fills in what a gap hides.
#pragma once

#include <limits>
#include <vector>

#include "schema/disk/id_list.h"
#include "schema/model/ids.h"
#include "schema/model/snapshot.h"

namespace sockwitness::schema {

class Database;

// A row, and the first row of the same thing; equal when its fields never changed.
struct Origin {
  RowId row = 0;
  RowId first = 0;
};

struct LoadedSnapshot {
  Snapshot snapshot;
  // Parallel to the vectors of `snapshot`.
  std::vector<Origin> namespaces;
  std::vector<Origin> processes;
  std::vector<Origin> sockets;
  std::vector<RowId> programs;
  std::vector<RowId> holders;
  std::vector<RowId> descriptors;
  std::vector<RowId> mappings;
  std::vector<RowId> gaps;
  std::vector<RowId> users;
  std::vector<RowId> groups;
  std::vector<RowId> registrations;
};

// Of a snapshot that was recorded: what has no row is damage. Throws Error on damage.
// A command line longer than `whole_lines` comes with its ends alone, if the file has its measure.
[[nodiscard]] LoadedSnapshot load_snapshot(
    Database& database, Seq seq, std::size_t whole_lines = std::numeric_limits<std::size_t>::max());

// The files seen last, newest first, at most so many: most of what runs next is among them.
[[nodiscard]] std::vector<Program> load_latest_programs(Database& database, int most);

}  // namespace sockwitness::schema
