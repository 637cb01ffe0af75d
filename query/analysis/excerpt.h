// What an event stands in: the part of one snapshot that it is about, kept alive by the event.
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

class Excerpt {
 public:
  explicit Excerpt(schema::Snapshot snapshot) : snapshot_(std::move(snapshot)), view_(snapshot_) {}
  Excerpt(const Excerpt&) = delete;
  Excerpt& operator=(const Excerpt&) = delete;
  ~Excerpt() = default;

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const schema::SnapshotView& view() const { return view_; }

 private:
  schema::Snapshot snapshot_;
  schema::SnapshotView view_;
};

using SharedExcerpt = std::shared_ptr<const Excerpt>;

}  // namespace sockwitness::query
