// Which record a snapshot is, and the head of its link: with these, lines about it are anchors.
//
// In:    an opened history, snapshots in order.
// Out:   record and head of each.
// Never: judges a link.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

class History;

struct SnapshotHead {
  std::int64_t record = 0;
  std::string head;  // hexadecimal; empty: it is not signed
};

class SnapshotHeads {
 public:
  // Inside of history.read().
  SnapshotHeads(History& history, schema::SeqRange range);
  SnapshotHeads(const SnapshotHeads&) = delete;
  SnapshotHeads& operator=(const SnapshotHeads&) = delete;
  ~SnapshotHeads();

  // Of the next one. Precondition: there is one.
  [[nodiscard]] SnapshotHead next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sockwitness::query
