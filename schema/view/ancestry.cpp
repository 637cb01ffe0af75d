#include "schema/view/ancestry.h"

#include <algorithm>

namespace sockwitness::schema {

Ancestry::Ancestry(const SnapshotView& view) : view_(view) {
  const auto& processes = view.snapshot().processes;
  by_pid_.reserve(processes.size());
  for (std::uint32_t at = 0; at < processes.size(); ++at) {
    by_pid_.emplace(processes[at].pid, ProcessIndex(at));
  }
}

std::optional<ProcessIndex> Ancestry::find(Pid pid) const {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ProcessIndex> Ancestry::ancestors(const Process& process) const {
  std::vector<ProcessIndex> chain;
  auto parent = process.parent;
  while (parent) {
    const auto index = find(*parent);
    if (!index || std::find(chain.begin(), chain.end(), *index) != chain.end()) {
      break;
    }
    chain.push_back(*index);
    parent = view_.process(*index).parent;
  }
  return chain;
}

}  // namespace sockwitness::schema
