// The rows that one snapshot shows, kept up to date from snapshot to snapshot.
//
// In:    deltas in order.
// Out:   which sockets and processes a delta concerns; parts of the snapshot with some of them.
// Never: rows that have ended.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "query/read/partial_snapshot.h"
#include "schema/disk/delta.h"

namespace sockwitness::query {

class LivingRows {
 public:
  // Origins of what begins, ends or changes with a delta.
  struct Touched {
    std::set<schema::RowId> sockets;
    std::set<schema::RowId> processes;
  };

  // Before the delta is applied.
  [[nodiscard]] Touched find_touched(const schema::Delta& delta) const;
  void apply(const schema::Delta& delta);

  [[nodiscard]] bool has_socket(schema::RowId origin) const { return sockets_.contains(origin); }
  [[nodiscard]] bool has_process(schema::RowId origin) const { return processes_.contains(origin); }

  // `seq` is the snapshot of the last delta that was applied. This object must outlive the part,
  // and is not changed before its last use.
  [[nodiscard]] PartialSnapshot begin_part(const Moments& moments, schema::Seq seq) const;
  // Precondition: the current snapshot shows it.
  schema::SocketIndex add_socket(PartialSnapshot& part, schema::RowId origin) const;
  schema::ProcessIndex add_process(PartialSnapshot& part, schema::RowId origin) const;
  // Of these rows, ascending, in the gaps of every part.
  [[nodiscard]] std::vector<std::size_t> gap_positions(const std::vector<schema::RowId>& ids) const;

 private:
  [[nodiscard]] NetnsPlaces fill(schema::Snapshot& snapshot) const;

  std::map<schema::RowId, schema::NetnsRow> namespaces_;  // by origin, as the next two
  std::unordered_map<schema::RowId, schema::ProcessRow> processes_;
  std::unordered_map<schema::RowId, schema::SocketRow> sockets_;
  std::unordered_map<schema::RowId, std::map<schema::RowId, schema::HolderRow>>
      holders_;  // by socket
  std::unordered_map<schema::RowId, schema::RowId> holder_sockets_;
  std::unordered_map<schema::RowId, schema::RowId> socket_origins_;  // by row
  std::unordered_map<schema::RowId, schema::RowId> process_origins_;
  std::unordered_map<schema::RowId, schema::RowId> netns_origins_;
  std::map<schema::RowId, schema::GapRow> gaps_;  // by row, as the next two
  std::map<schema::RowId, schema::UserNameRow> users_;
  std::map<schema::RowId, schema::RegistrationRow> registrations_;
  std::unordered_map<schema::RowId, schema::Program> programs_;  // all of the range so far
};

}  // namespace sockwitness::query
