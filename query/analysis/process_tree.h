// The processes of a snapshot as a tree by parent.
//
// In:    a snapshot; which of its processes are meant.
// Out:   those and all their ancestors, each below its parent, siblings by start and pid.
// Never: a process twice, whatever the parents claim; one that started later as a parent.
#pragma once

#include <cstddef>
#include <vector>

#include "query/analysis/filter.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

struct TreeNode {
  schema::ProcessIndex process;
  std::size_t depth = 0;
  bool meant = true;  // otherwise only an ancestor of one that is
};

[[nodiscard]] std::vector<TreeNode> build_process_tree(const schema::SnapshotView& view,
                                                       const Filter& filter);

}  // namespace sockwitness::query
