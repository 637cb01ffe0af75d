#include "query/analysis/process_tree.h"

#include <algorithm>
#include <tuple>

#include "schema/model/snapshot.h"
#include "schema/view/ancestry.h"

namespace sockwitness::query {
namespace {

using schema::ProcessIndex;

enum class Part : std::uint8_t { None, Ancestor, Meant };

// Which processes the tree has.
std::vector<Part> choose_parts(const schema::SnapshotView& view,
                               const schema::Ancestry& ancestry,
                               const Filter& filter) {
  const auto& processes = view.snapshot().processes;
  std::vector<Part> parts(processes.size(), Part::None);
  for (std::size_t at = 0; at < processes.size(); ++at) {
    if (!matches(filter, view, processes[at])) {
      continue;
    }
    parts[at] = Part::Meant;
    for (const ProcessIndex ancestor : ancestry.ancestors(processes[at])) {
      Part& part = parts[ancestor.value()];
      part = std::max(part, Part::Ancestor);
    }
  }
  return parts;
}

}  // namespace

std::vector<TreeNode> build_process_tree(const schema::SnapshotView& view, const Filter& filter) {
  const schema::Ancestry ancestry(view);
  const auto& processes = view.snapshot().processes;
  const std::vector<Part> parts = choose_parts(view, ancestry, filter);
  std::vector<ProcessIndex> order;
  for (std::uint32_t at = 0; at < processes.size(); ++at) {
    if (parts[at] != Part::None) {
      order.emplace_back(at);
    }
  }
  // The last one first: the tree is taken from the end of a stack.
  std::sort(order.begin(), order.end(), [&](ProcessIndex left, ProcessIndex right) {
    const auto key = [&](ProcessIndex index) {
      const schema::Process& process = view.process(index);
      return std::tie(process.start, process.pid);
    };
    return key(right) < key(left);
  });
  std::vector<std::vector<ProcessIndex>> children(processes.size());
  std::vector<TreeNode> stack;
  for (const ProcessIndex index : order) {
    const auto parent = ancestry.parent(view.process(index));
    if (parent && *parent != index && parts[parent->value()] != Part::None) {
      children[parent->value()].push_back(index);
    } else {
      stack.push_back({index, 0, parts[index.value()] == Part::Meant});
    }
  }
  std::vector<TreeNode> tree;
  std::vector<bool> placed(processes.size(), false);
  const auto place_all = [&] {
    while (!stack.empty()) {
      const TreeNode node = stack.back();
      stack.pop_back();
      if (placed[node.process.value()]) {
        continue;
      }
      placed[node.process.value()] = true;
      tree.push_back(node);
      for (const ProcessIndex child : children[node.process.value()]) {
        stack.push_back({child, node.depth + 1, parts[child.value()] == Part::Meant});
      }
    }
  };
  place_all();
  // Parents in a circle have no root: started within the same tick, pids given out anew.
  for (auto index = order.rbegin(); index != order.rend(); ++index) {
    if (!placed[index->value()]) {
      stack.push_back({*index, 0, parts[index->value()] == Part::Meant});
      place_all();
    }
  }
  return tree;
}

}  // namespace sockwitness::query
