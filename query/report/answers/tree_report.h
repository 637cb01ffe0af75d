// The processes of one snapshot as a tree, for machines and for people.
//
// In:    a snapshot, the nodes of its tree in order.
// Out:   a document with a depth in each row; a page with the same as indentation.
// Never: an indentation wider than the screen, however deep processes are nested.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/process_tree.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

struct TreeInput {
  const schema::SnapshotView& view;
  const std::vector<TreeNode>& nodes;
  std::string note;       // why the snapshot may not be good enough; empty for none
  bool each_gap = false;  // --gaps
};

[[nodiscard]] Document build_tree(const TreeInput& input);
[[nodiscard]] Page lay_out_tree(const TreeInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
