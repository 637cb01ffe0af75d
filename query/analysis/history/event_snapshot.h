// A snapshot, or the part of it that events refer to, with its view.
//
// In:    a snapshot, whole or partial.
// Out:   it and its view, shared by all events of that snapshot.
// Never: changed, copied or moved: the view refers to the snapshot beside it.
#pragma once

#include <memory>
#include <utility>

#include "schema/model/snapshot.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

class EventSnapshot {
 public:
  explicit EventSnapshot(schema::Snapshot snapshot)
      : snapshot_(std::move(snapshot)), view_(snapshot_) {}
  EventSnapshot(const EventSnapshot&) = delete;
  EventSnapshot& operator=(const EventSnapshot&) = delete;
  ~EventSnapshot() = default;

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const schema::SnapshotView& view() const { return view_; }

 private:
  schema::Snapshot snapshot_;
  schema::SnapshotView view_;
};

using SharedEventSnapshot = std::shared_ptr<const EventSnapshot>;

}  // namespace sockwitness::query
