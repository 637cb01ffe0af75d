// One snapshot with everything that is asked of it more than once: names, directions,
// ancestry, other ends.
//
// In:    a snapshot and the lifetimes of its sockets; both outlive the view.
// Out:   answers about one socket or one process.
// Never: copied; it refers to itself.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "query/analysis/findings/peers.h"
#include "schema/model/snapshot_info.h"
#include "schema/view/ancestry.h"
#include "schema/view/direction.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

class HostView {
 public:
  // `lifetimes` is parallel to the sockets, or empty.
  HostView(const schema::Snapshot& snapshot, std::span<const schema::Seen> lifetimes)
      : view_(snapshot),
        directions_(view_),
        ancestry_(view_),
        peers_(find_peers(snapshot)),
        lifetimes_(lifetimes) {}
  HostView(const HostView&) = delete;
  HostView& operator=(const HostView&) = delete;

  [[nodiscard]] const schema::SnapshotView& view() const { return view_; }
  [[nodiscard]] const schema::Ancestry& ancestry() const { return ancestry_; }
  [[nodiscard]] std::span<const schema::Seen> lifetimes() const { return lifetimes_; }
  [[nodiscard]] std::optional<schema::Direction> direction(schema::SocketIndex index) const {
    return directions_.find(view_.socket(index));
  }
  [[nodiscard]] std::optional<schema::Seen> seen(schema::SocketIndex index) const {
    return index.value() < lifetimes_.size() ? std::optional(lifetimes_[index.value()])
                                             : std::nullopt;
  }
  // The other ends that are on this host, parallel to the sockets.
  [[nodiscard]] const std::vector<std::optional<schema::SocketIndex>>& peers() const {
    return peers_;
  }
  // The port that gives a socket its meaning: its own where it waits for peers or was connected
  // to, else the other end's. Nothing outside the internet families.
  [[nodiscard]] std::optional<schema::Port> meaningful_port(schema::SocketIndex index) const;

 private:
  schema::SnapshotView view_;
  schema::DirectionFinder directions_;
  schema::Ancestry ancestry_;
  std::vector<std::optional<schema::SocketIndex>> peers_;
  std::span<const schema::Seen> lifetimes_;
};

}  // namespace sockwitness::query
