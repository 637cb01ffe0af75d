// The sockets of a snapshot that `show` answers with, in order, each with what is known about it.
//
// In:    a snapshot, a filter, optionally the lifetimes of its sockets.
// Out:   rows in a total order; every holder of every row.
// Never: formats.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "query/analysis/filter.h"
#include "schema/model/snapshot_info.h"
#include "schema/view/direction.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

struct ListedSocket {
  schema::SocketIndex index;
  std::span<const schema::Holder>
      holders;  // as SnapshotView orders them; lives as long as the view
  std::optional<schema::Direction> direction;
  std::optional<schema::Seen> seen;
};

// `lifetimes` is parallel to the snapshot's sockets, or empty when they are not known; `past` is
// what is known of earlier listeners, or null.
[[nodiscard]] std::vector<ListedSocket> list_sockets(const schema::SnapshotView& view,
                                                     const Filter& filter,
                                                     std::span<const schema::Seen> lifetimes,
                                                     const schema::ListenerPast* past = nullptr);

}  // namespace sockwitness::query
