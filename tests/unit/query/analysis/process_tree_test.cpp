// Who started whom, also where the parents make no sense.
#include "query/analysis/process_tree.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::build_process_tree;
using query::Filter;
using test::Scene;

namespace {

// "1 .2 ..3 (.4)": pids by depth; in brackets those that are only ancestors.
std::string tree_of(const Scene& scene, const Filter& filter) {
  const schema::SnapshotView view(scene.snapshot);
  std::string text;
  for (const auto& node : build_process_tree(view, filter)) {
    text += text.empty() ? "" : " ";
    const std::string pid = std::to_string(view.process(node.process).pid.value());
    text += std::string(node.depth, '.') + (node.meant ? pid : "(" + pid + ")");
  }
  return text;
}

void add(Scene& scene, int pid, std::optional<int> parent, std::int64_t start, const char* name) {
  schema::Process& process = scene.at(scene.process(name, pid, "/bin/x"));
  process.start.nanoseconds = start;
  process.parent = parent ? std::optional(schema::Pid(*parent)) : std::nullopt;
}

}  // namespace

TEST_CASE("children stand below their parents, in the order of their start") {
  Scene scene;
  add(scene, 9, 2, 30, "c");
  add(scene, 1, std::nullopt, 0, "init");
  add(scene, 2, 1, 10, "a");
  add(scene, 3, 1, 20, "b");
  add(scene, 8, 2, 25, "c");
  add(scene, 77, 4711, 5, "orphan");
  CHECK(tree_of(scene, {}) == "1 .2 ..8 ..9 .3 77");
  Filter filter;
  filter.programs = {"c"};
  CHECK(tree_of(scene, filter) == "(1) .(2) ..8 ..9");
  filter.programs = {"nothing"};
  CHECK(tree_of(scene, filter).empty());
}

TEST_CASE("no process is lost or told twice, whatever the parents claim") {
  Scene scene;
  add(scene, 5, 6, 10, "a");
  add(scene, 6, 5, 10, "b");
  add(scene, 7, 7, 10, "c");
  add(scene, 8, 9, 10, "d");
  add(scene, 9, std::nullopt, 20, "e");
  const std::string tree = tree_of(scene, {});
  for (const char pid : {'5', '6', '7', '8', '9'}) {
    CHECK(std::count(tree.begin(), tree.end(), pid) == 1);
  }
}

}  // namespace sockwitness
