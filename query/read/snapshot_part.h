// A part of a snapshot, put together from living rows.
//
// In:    rows by the ids that others refer to.
// Out:   a Snapshot with those sockets and processes that were added, and what they refer to.
// Never: to be counted or compared as a whole.
#pragma once

#include <unordered_map>

#include "query/read/turn_reader.h"

namespace sockwitness::query {

class SnapshotPart {
 public:
  // `living` must outlive this object.
  SnapshotPart(const LivingRows& living, const Moment& moment, const schema::Context& context);

  // With its holders. Precondition: it lives.
  schema::SocketIndex add_socket(schema::RowId origin);
  schema::ProcessIndex add_process(schema::RowId origin);
  [[nodiscard]] schema::Gap resolve(const schema::GapRow& row) const;

  [[nodiscard]] schema::Snapshot take() { return std::move(snapshot_); }

 private:
  [[nodiscard]] schema::NetnsIndex place(schema::RowId origin) const;
  [[nodiscard]] std::optional<schema::ProgramIndex> add_program(
      const std::optional<schema::RowId>& id);

  const LivingRows& living_;
  schema::Snapshot snapshot_;
  std::unordered_map<schema::RowId, schema::NetnsIndex> places_;
  std::unordered_map<schema::RowId, schema::ProcessIndex> processes_;
  std::unordered_map<schema::RowId, schema::ProgramIndex> programs_;
};

}  // namespace sockwitness::query
