#include "recorder/collect/labels.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "schema/view/container_identity.h"

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kShortId = 12;  // of a container, that people know it by

// What all processes of a namespace have in common; nothing as soon as two differ.
struct Common {
  bool any = false;
  std::optional<std::string> container;
  std::optional<std::string> called;  // what its engine calls it: one pod has several containers
  std::optional<std::string> unit;

  void add(const schema::Process& process) {
    if (!any) {
      any = true;
      container = process.container;
      called = schema::container_label(process.container_facts);
      unit = process.unit;
      return;
    }
    if (container != process.container) {
      container.reset();
    }
    if (called && called != schema::container_label(process.container_facts)) {
      called.reset();
    }
    if (unit != process.unit) {
      unit.reset();
    }
  }
};

std::string label_of(const NetnsHandle& handle, const Common& common) {
  if (handle.host) {
    return "host";
  }
  if (!handle.name.empty() && !handle.name.starts_with('/')) {
    return handle.name;
  }
  if (common.any && common.called && !common.called->empty()) {
    return "container " + *common.called;
  }
  if (common.any && common.container && !common.container->empty()) {
    return "container " + *common.container;
  }
  if (common.any && common.unit && common.unit->ends_with(".service")) {
    return "unit " + *common.unit;
  }
  if (!handle.name.empty()) {
    return handle.name;
  }
  return fmt::format("netns {}", handle.inode.value());
}

}  // namespace

std::vector<std::string> label_namespaces(const std::vector<NetnsHandle>& handles,
                                          const std::vector<schema::Process>& processes) {
  std::vector<Common> common(handles.size());
  for (const schema::Process& process : processes) {
    if (process.netns) {
      common[process.netns->value()].add(process);
    }
  }
  std::vector<std::string> labels;
  std::map<std::string, std::vector<std::size_t>> holders_of;
  for (std::size_t at = 0; at < handles.size(); ++at) {
    labels.push_back(label_of(handles[at], common[at]));
    holders_of[labels.back()].push_back(at);
  }
  for (const auto& [label, positions] : holders_of) {
    // The first namespace of the machine keeps its word; every other one that shares a label is
    // told apart.
    for (const std::size_t at : positions) {
      const Common& inside = common[at];
      const bool named = inside.any && inside.called && !inside.called->empty() &&
                         inside.container && label == "container " + *inside.called;
      if (positions.size() > 1 && named) {
        labels[at] = label + " " + inside.container->substr(0, kShortId);
      } else if (positions.size() > 1 && !handles[at].host) {
        labels[at] = fmt::format("{} (netns {})", label, handles[at].inode.value());
      }
    }
  }
  return labels;
}

}  // namespace sockwitness::recorder
