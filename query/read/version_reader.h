// Reads whole histories of sockets and processes, many at a time.
//
// In:    an open database, origin ids.
// Out:   every version with the snapshots that show it; holders as far as the given range of
//        snapshots shows them.
// Never: scans a table: the cost is that of the histories that are asked for.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "query/read/late_holders.h"
#include "query/read/thing_history.h"
#include "schema/disk/entity.h"
#include "schema/disk/removed_rows.h"
#include "schema/disk/texts.h"
#include "schema/model/program.h"

namespace sockwitness::query {

class VersionReader {
 public:
  // `latest` is the last snapshot of the history.
  VersionReader(schema::Database& database, schema::SeqRange range, schema::Seq latest);

  // Parallel to `origins`, which are ascending.
  [[nodiscard]] std::vector<SocketHistory> read_sockets(const std::vector<schema::RowId>& origins);

  // Only from when to when; parallel to `origins`, which are ascending.
  [[nodiscard]] std::vector<schema::SeqRange> read_socket_ranges(
      const std::vector<schema::RowId>& origins);
  [[nodiscard]] std::vector<ProcessHistory> read_processes(
      const std::vector<schema::RowId>& origins);

  // Remembered until forget_processes(); loading those of many sockets at once is cheaper.
  void load_processes(std::vector<schema::RowId> origins);
  [[nodiscard]] const ProcessHistory& process(schema::RowId origin);
  // Those that no snapshot from `seq` on saw.
  void forget_processes(schema::Seq seq);

  // Remembered for good: programs are few.
  [[nodiscard]] const schema::Program& program(schema::RowId id);

 private:
  struct Version {
    schema::RowId row = 0;
    schema::RowId origin = 0;
    schema::SeqRange seen;
  };
  // Of all origins, by row: what an index names, and the rows confirm.
  [[nodiscard]] std::vector<Version> read_versions(schema::Entity entity,
                                                   const std::vector<schema::RowId>& origins);
  [[nodiscard]] std::vector<Version> find_versions(schema::Entity entity,
                                                   const std::vector<schema::RowId>& origins);
  void check(schema::Entity entity, const std::vector<Version>& versions);
  void read_holdings(std::vector<SocketHistory>& things);
  [[nodiscard]] std::vector<schema::HolderRow> read_first_holders(
      const std::vector<SocketHistory>& things);

  schema::Database& database_;
  schema::SeqRange range_;
  schema::Seq latest_;
  schema::RemovedRows removed_;
  schema::Texts texts_;
  std::optional<LateHolders> late_;  // read when first needed
  std::unordered_map<schema::RowId, ProcessHistory> processes_;
  std::unordered_map<schema::RowId, schema::Program> programs_;
};

}  // namespace sockwitness::query
