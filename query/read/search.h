// Which sockets and processes of a range of snapshots a filter may mean.
//
// In:    an open database, a filter.
// Out:   origin ids, ascending: at least all that match at some snapshot of the range.
// Never: the answer: holders and names at that snapshot are not compared.
#pragma once

#include <optional>
#include <vector>

#include "query/analysis/filter.h"
#include "query/read/ends_search.h"
#include "query/read/on_progress.h"
#include "query/read/snapshot_contexts.h"
#include "schema/disk/entity.h"

namespace sockwitness::query {

struct Reading;

class Search {
 public:
  // All must outlive this object.
  Search(schema::Database& database,
         const SnapshotContexts& contexts,
         schema::SeqRange range,
         const OnProgress& on_progress);
  explicit Search(const Reading& reading);

  [[nodiscard]] std::vector<schema::RowId> find_sockets(const Filter& filter);
  // By what the filter says of holders and namespaces.
  [[nodiscard]] std::vector<schema::RowId> find_processes(const Filter& filter);
  // Sockets that a process of these held, ascending.
  [[nodiscard]] std::vector<schema::RowId> find_held(const std::vector<schema::RowId>& processes);

 private:
  // Sockets of the processes that one part of a filter may mean.
  [[nodiscard]] const std::vector<schema::RowId>& find_held_by(const Filter& part);
  // Rows that began after the first snapshot of the range; those that lived then are few.
  [[nodiscard]] RowRange later_rows(schema::Entity entity) const;
  [[nodiscard]] std::vector<schema::RowId> find_forward_ranges(
      Filter filter, const std::vector<schema::RowId>& living);
  [[nodiscard]] std::vector<schema::RowId> find_by_ends(const Filter& filter,
                                                        EndsSearch::Users users);

  schema::Database& database_;
  const SnapshotContexts& contexts_;
  schema::SeqRange range_;
  const OnProgress& on_progress_;
  // The answer of find_held_by() to the last part: the searches of one question ask for the same.
  std::optional<Filter> last_part_;
  std::vector<schema::RowId> last_held_;
};

}  // namespace sockwitness::query
