// A snapshot with only some of its sockets and processes in it: enough to judge and to show those.
//
// In:    lives, and what stands around them.
// Out:   a Snapshot as of one number; namespaces, gaps and names in it are complete.
// Never: to be counted, compared as a whole, or asked what is not there.
#pragma once

#include <unordered_map>

#include "query/analysis/moments.h"
#include "query/read/life_reader.h"
#include "query/read/surroundings.h"

namespace sockwitness::query {

class PartialSnapshot {
 public:
  // All of them must outlive this object.
  PartialSnapshot(const Moments& moments,
                  const Surroundings& surroundings,
                  LifeReader& reader,
                  schema::Seq seq);

  // With its holders. Nothing when the snapshot did not see it.
  std::optional<schema::SocketIndex> add(const SocketLife& life);
  std::optional<schema::ProcessIndex> add(const ProcessLife& life);

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] schema::Snapshot take() { return std::move(snapshot_); }

 private:
  [[nodiscard]] std::optional<schema::ProgramIndex> add_program(
      const std::optional<schema::RowId>& row);
  [[nodiscard]] std::optional<schema::NetnsIndex> place(const std::optional<schema::RowId>& netns);

  LifeReader& reader_;
  schema::Seq seq_;
  schema::Snapshot snapshot_;
  NetnsPlaces places_;
  std::unordered_map<schema::RowId, schema::ProcessIndex> processes_;
  std::unordered_map<schema::RowId, schema::ProgramIndex> programs_;
};

}  // namespace sockwitness::query
