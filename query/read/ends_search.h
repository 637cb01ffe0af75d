// Searches sockets by their own columns: ends, family, state, namespace.
//
// In:    an open database, a filter, rows.
// Out:   origin ids of the rows that fit.
// Never: looks at holders or names.
#pragma once

#include <optional>
#include <vector>

#include "query/read/filter_words.h"
#include "query/read/on_progress.h"
#include "query/read/socket_scan.h"

namespace sockwitness::query {

class EndsSearch {
 public:
  enum class Users { Any, OfFilter };

  // All must outlive this object.
  EndsSearch(schema::Database& database,
             const SnapshotContexts& contexts,
             const Filter& filter,
             Users users,
             const OnProgress& on_progress);

  // Ascending.
  void search_rows(const std::vector<schema::RowId>& rows) { scan_.visit(rows, visit_); }
  // As few of them as the digests allow.
  void search_range(RowRange rows);
  // Ascending, each once.
  [[nodiscard]] std::vector<schema::RowId> take();

 private:
  [[nodiscard]] BlockSieve sift(RowRange rows, bool without_indexed);
  void search_remote(const BlockSieve& sieve,
                     RowRange rows,
                     const std::vector<schema::IpPrefix>& prefixes);
  void search_ranges(const std::vector<RowRange>& ranges);

  schema::Database& database_;
  Users users_;
  Filter filter_;
  FilterWords words_;
  std::optional<std::vector<schema::PortRange>> ports_;  // a match has one of them at one end
  SocketScan scan_;
  const OnProgress& on_progress_;
  SocketScan::Visit visit_;
  std::vector<schema::RowId> found_;
};

}  // namespace sockwitness::query
