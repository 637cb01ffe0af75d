// A snapshot with only some of its sockets and processes in it: enough to judge and to show those.
//
// In:    rows of the database; namespaces, gaps and names of the snapshot.
// Out:   a Snapshot as of one number; namespaces, gaps and names in it are complete.
// Never: to be counted, compared as a whole, or asked what is not there.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>

#include "query/analysis/history/moments.h"
#include "schema/disk/codec.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

// From the origin id of a namespace to its position in a Snapshot.
using NetnsPlaces = std::unordered_map<schema::RowId, schema::NetnsIndex>;

class PartialSnapshot {
 public:
  // Appends to namespaces, gaps, users and registrations.
  using Fill = std::function<NetnsPlaces(schema::Snapshot&)>;
  using FindProgram = std::function<const schema::Program&(schema::RowId)>;

  PartialSnapshot(const Moments& moments, schema::Seq seq, const Fill& fill, FindProgram programs);

  // Each origin once, however often it is added.
  schema::ProcessIndex add(schema::RowId origin, const schema::ProcessRow& row);
  // Without its holders.
  schema::SocketIndex add(const schema::SocketRow& row);
  void add_holder(schema::SocketIndex socket, schema::ProcessIndex process, schema::Fd fd) {
    snapshot_.holders.push_back({socket, process, fd});
  }

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] schema::Snapshot take() { return std::move(snapshot_); }

 private:
  [[nodiscard]] std::optional<schema::ProgramIndex> add_program(
      const std::optional<schema::RowId>& row);
  [[nodiscard]] schema::NetnsIndex place(schema::RowId netns) const;

  FindProgram find_program_;
  schema::Snapshot snapshot_;
  NetnsPlaces places_;
  std::unordered_map<schema::RowId, schema::ProcessIndex> processes_;
  std::unordered_map<schema::RowId, schema::ProgramIndex> programs_;
};

}  // namespace sockwitness::query
